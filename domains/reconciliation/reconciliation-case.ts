/**
 * One difference between books that should agree. Its key follows from what it is about, so that every run that finds it
 * finds this case.
 *
 *   open -> resolved (by a person) | matched (a later run does not find it any more)
 *   either -> open again, when it is found with other figures, or found again after it was gone
 */
import type { Id, Instant } from '../../contracts/common.ts';
import type {
  CaseStatus,
  Finding,
  ReconciliationCommand,
  ReconciliationEvent,
  ReconciliationRejection,
} from '../../contracts/reconciliation.ts';
import { accept, type Decider, type Decision, reject } from '../kernel/decider.ts';

export interface KnownCase {
  readonly status: CaseStatus;
  readonly finding: Finding;
  /** The run that found it last with other figures than before. */
  readonly runId: Id;
  readonly raisedAt: Instant;
  readonly note?: string;
  /** A person, or the run that did not find it any more. */
  readonly closedBy?: Id;
  readonly closedAt?: Instant;
}
export type CaseState = { readonly status: 'unknown' } | KnownCase;
type Answer = Decision<ReconciliationEvent, ReconciliationRejection>;

/** With the same figures it is the same difference: who settled it need not settle it twice. */
export const isSame = (a: Finding, b: Finding): boolean =>
  a.ours === b.ours && a.theirs === b.theirs && a.currency === b.currency;

const about = (caseId: Id, { finding: { against, kind } }: KnownCase, at: Instant) => ({ caseId, against, kind, at });

const decide = (caseId: Id, command: ReconciliationCommand, state: CaseState, now: Instant): Answer => {
  if (command.type === 'RaiseCase') {
    const stands = state.status === 'open' || state.status === 'resolved';
    if (stands && isSame(state.finding, command.finding)) return accept();
    return accept({ type: 'CaseRaised', caseId, finding: command.finding, runId: command.runId, at: now });
  }
  if (state.status === 'unknown') return reject({ type: 'UnknownCase', caseId });
  if (command.type === 'CloseCase') {
    const gone = { type: 'CaseMatched', ...about(caseId, state, now), runId: command.runId } as const;
    return state.status === 'open' ? accept(gone) : accept();
  }
  const { note, by } = command;
  if (state.status === 'resolved' && state.note === note && state.closedBy === by) return accept();
  if (state.status !== 'open') return reject({ type: 'CaseNotOpen', caseId, status: state.status });
  return accept({ type: 'CaseResolved', ...about(caseId, state, now), note, by });
};

export const reconciliationCase = (
  caseId: Id,
): Decider<CaseState, ReconciliationCommand, ReconciliationEvent, ReconciliationRejection> => ({
  initial: () => ({ status: 'unknown' }),
  decide: (command, state, now) => decide(caseId, command, state, now),
  evolve: (state, event) => {
    switch (event.type) {
      case 'CaseRaised':
        return { status: 'open', finding: event.finding, runId: event.runId, raisedAt: event.at };
      case 'CaseResolved':
        return {
          ...(state as KnownCase),
          status: 'resolved',
          note: event.note,
          closedBy: event.by,
          closedAt: event.at,
        };
      case 'CaseMatched':
        return { ...(state as KnownCase), status: 'matched', closedBy: event.runId, closedAt: event.at };
    }
  },
});
