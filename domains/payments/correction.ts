/**
 * A correction of the books: one posting, made once and never changed; what was wrong with it is set right by another one.
 * The key of the aggregate is the correction's id: derived from what it corrects, so that the same thing is corrected once.
 */
import type { CorrectionCommand, CorrectionEvent, CorrectionRejection } from '../../contracts/books.ts';
import type { Id } from '../../contracts/common.ts';
import { accept, type Decider, reject } from '../kernel/decider.ts';
import { accountOf } from './accounts.ts';

export type CorrectionState =
  | { readonly stage: 'unknown' }
  | ({ readonly stage: 'made' } & Pick<CorrectionCommand, 'debit' | 'credit' | 'amount' | 'currency' | 'paymentId'>);
type Rules = Decider<CorrectionState, CorrectionCommand, CorrectionEvent, CorrectionRejection>;

const isSame = (made: Extract<CorrectionState, { stage: 'made' }>, command: CorrectionCommand): boolean =>
  made.debit === command.debit &&
  made.credit === command.credit &&
  made.amount === command.amount &&
  made.currency === command.currency &&
  made.paymentId === command.paymentId;

const decide =
  (correctionId: Id): Rules['decide'] =>
  (command, state, now) => {
    const { debit, credit, amount, currency, paymentId, reason, by, effective = now } = command;
    if (state.stage === 'made')
      return isSame(state, command) ? accept() : reject({ type: 'CorrectionIdTaken', correctionId });
    const unknown = [debit, credit].find((account) => !accountOf(account));
    if (unknown !== undefined) return reject({ type: 'UnknownAccount', account: unknown });
    if (debit === credit) return reject({ type: 'SameAccount', account: debit });
    const postings = [{ debit, credit, amount, currency }];
    return accept({ type: 'BooksCorrected', correctionId, reason, paymentId, by, effective, at: now, postings });
  };

export const correction = (correctionId: Id): Rules => ({
  initial: () => ({ stage: 'unknown' }),
  decide: decide(correctionId),
  evolve: (_, { paymentId, postings }) => {
    const { debit, credit, amount, currency } = postings[0]!;
    return { stage: 'made', debit, credit, amount, currency, paymentId };
  },
});
