/**
 * Compares, piece by piece of time, what should agree, and keeps a case for each difference. A run has a mark: whoever
 * takes it up again after a kill goes on from there, and what is done twice finds the cases that are there.
 */
import { createHash } from 'node:crypto';
import type { Finding, ReconciliationCommand } from '../contracts/reconciliation.ts';
import { isSame } from '../domains/reconciliation/reconciliation-case.ts';
import type { Clock } from './ports/clock.ts';
import type { Answer, Commander } from './ports/commander.ts';
import type { Period } from './ports/gateway.ts';
import type { CaseReader, CaseRow, ReconciliationDesk, RunRow, Runs } from './ports/reconciliation.ts';

export interface Compared {
  readonly matched: number;
  readonly findings: readonly Finding[];
  /** References that are moving just now: nothing is known about them. */
  readonly undecided?: ReadonlySet<string>;
}
export interface Subject {
  readonly against: string;
  /** Milliseconds that are compared at once. */
  readonly piece: number;
  /** Milliseconds: what is younger is pending. */
  readonly grace: number;
  compare(period: Period, now: string): Promise<Compared>;
  /** What else is fetched at the end of a run. */
  after?(now: string): Promise<void>;
}
export interface ReconcilerParts {
  readonly subjects: readonly Subject[];
  readonly runs: Runs;
  readonly cases: CaseReader;
  readonly commander: Commander;
  readonly clock: Clock;
  readonly held: () => boolean;
  readonly newId: () => string;
  /** When there was something to compare for the first time. */
  readonly begin: () => Promise<string | undefined>;
  /** After every run. */
  readonly done?: () => Promise<unknown>;
}

/** Open cases that a run looks at again, the oldest first. */
const LOOKED_AT_AGAIN = 500;
/** Milliseconds: what was decided at the end of a piece may be in the log a little later. */
const OVERLAP = 60_000;
const AT_ONCE = 50;
/** Some providers count in seconds: within one, nobody can say what came before a run's end. */
const SECOND = 1_000;

/** The same in every run. */
export const caseIdOf = ({ against, kind, reference }: Finding): string => {
  const name = JSON.stringify([against, kind, reference]);
  return `rec-${createHash('sha256').update(name).digest('base64url').slice(0, 24)}`;
};
const iso = (at: number): string => new Date(at).toISOString();
const startOf = (at: string, piece: number): number => Math.floor(Date.parse(at) / piece) * piece;
const earlier = (a: string, b: string): string => (a < b ? a : b);

export class Reconciler implements ReconciliationDesk {
  readonly #parts: ReconcilerParts;
  readonly #going = new Map<string, Promise<number>>();
  #stopped = false;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  get subjects(): readonly string[] {
    return this.#parts.subjects.map(({ against }) => against);
  }

  /** Runs about everything, those that were interrupted first. Returns how many differences there are. */
  async run(by: string): Promise<number> {
    let found = 0;
    const troubles: unknown[] = [];
    for (const subject of this.#parts.subjects) {
      try {
        found += await this.#go(subject, await this.#opened(subject, { by }));
      } catch (error) {
        troubles.push(error);
      }
    }
    if (troubles.length > 0) throw troubles[0];
    return found;
  }

  async start({ against, ...wish }: Parameters<ReconciliationDesk['start']>[0]): Promise<readonly RunRow[]> {
    const wanted = this.#parts.subjects.filter((subject) => against === undefined || subject.against === against);
    return Promise.all(
      wanted.map(async (subject) => {
        const run = await this.#opened(subject, wish);
        // What goes wrong is on the run's own row, and the job takes it up again.
        this.#go(subject, run).catch(() => undefined);
        return run;
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#going.values());
  }

  async #opened(subject: Subject, { since, by }: { readonly since?: string; readonly by: string }): Promise<RunRow> {
    const { runs, clock, newId } = this.#parts;
    const { against, grace } = subject;
    const open = await runs.open(against);
    if (open) return open;
    const until = iso(startOf(iso(Date.parse(clock.now()) - grace), SECOND));
    const from = since ?? (await runs.comparedUntil(against)) ?? (await this.#beginOf(subject)) ?? until;
    const run = { runId: `run-${newId()}`, against, since: earlier(from, until), until, by };
    const begun = (await runs.begin(run)) ?? (await runs.open(against));
    if (!begun) throw new Error(`the run about ${against} ended while it began`);
    return begun;
  }

  /** The whole of the first piece: a provider's line may come before what we wrote down about it. */
  async #beginOf({ piece }: Subject): Promise<string | undefined> {
    const at = await this.#parts.begin();
    return at && iso(startOf(at, piece));
  }

  /** At most one at a time about the same thing; others wait for it. */
  #go(subject: Subject, run: RunRow): Promise<number> {
    const going = this.#going.get(subject.against);
    if (going) return going;
    const made = this.#work(subject, run).finally(() => this.#going.delete(subject.against));
    this.#going.set(subject.against, made);
    return made;
  }

  async #work(subject: Subject, run: RunRow): Promise<number> {
    const { runs, clock, done } = this.#parts;
    let found = 0;
    try {
      for (let mark = run.mark; mark < run.until; ) {
        const until = earlier(iso(startOf(mark, subject.piece) + subject.piece), run.until);
        const compared = await this.#compare(subject, { since: mark, until }, run);
        await runs.advance(run.runId, until, { matched: compared.matched, found: compared.findings.length });
        found += compared.findings.length;
        mark = until;
      }
      await this.#lookAgain(subject, run);
      await subject.after?.(clock.now());
      await runs.finish(run.runId);
    } catch (error) {
      await runs.failed(run.runId, error instanceof Error ? error.message : String(error));
      throw error;
    }
    await done?.();
    return found;
  }

  async #compare(subject: Subject, period: Period, { runId }: RunRow): Promise<Compared> {
    const { held, clock } = this.#parts;
    if (this.#stopped || !held()) throw new Error('interrupted: it goes on from its mark');
    const compared = await subject.compare(period, clock.now());
    await this.#raise(compared.findings, runId);
    return compared;
  }

  /** Only what is new, or has changed: a case that stands costs a look. */
  async #raise(findings: readonly Finding[], runId: string): Promise<void> {
    const known = new Map((await this.#parts.cases.byIds(findings.map(caseIdOf))).map((one) => [one.caseId, one]));
    const isNew = (finding: Finding) => {
      const one = known.get(caseIdOf(finding));
      return one === undefined || one.status === 'matched' || !isSame(one.finding, finding);
    };
    const fresh = findings.filter(isNew);
    for (let i = 0; i < fresh.length; i += AT_ONCE)
      await Promise.all(
        fresh
          .slice(i, i + AT_ONCE)
          .map((finding) => this.#tell(caseIdOf(finding), { type: 'RaiseCase', finding, runId }, runId)),
      );
  }

  /** What is open is compared once more, however long ago: what is not found any more is closed. */
  async #lookAgain(subject: Subject, run: RunRow): Promise<void> {
    const { against, piece } = subject;
    const filter = { status: 'open', against, before: run.until } as const;
    const { rows } = await this.#parts.cases.list(filter, { offset: 0, limit: LOOKED_AT_AGAIN });
    for (const [start, cases] of Map.groupBy(rows, ({ finding: { at } }) => startOf(at, piece))) {
      const period = { since: iso(start), until: earlier(iso(start + piece + OVERLAP), run.until) };
      const { findings, undecided } = await this.#compare(subject, period, run);
      const there = new Set(findings.map(caseIdOf));
      const isGone = ({ caseId, finding }: CaseRow) => !there.has(caseId) && !undecided?.has(finding.reference);
      for (const { caseId } of cases.filter(isGone))
        await this.#tell(caseId, { type: 'CloseCase', runId: run.runId }, run.runId);
    }
  }

  async #tell(caseId: string, command: ReconciliationCommand, runId: string): Promise<void> {
    const id = `${runId}/${command.type}/${caseId}`;
    const answer: Answer = await this.#parts.commander.ask('reconciliation-case', caseId, command, {
      id,
      correlationId: runId,
    });
    if (answer.kind !== 'accepted') throw new Error(`${command.type} of ${caseId}: ${JSON.stringify(answer)}`);
  }
}
