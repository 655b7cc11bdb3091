/** Books that should agree and do not: each difference is a case, until somebody settles it or it is gone. */
import { z } from 'zod';
import { Amount, type Catalogue, Currency, Id, Instant, type MessageOf, Text } from './common.ts';

/** Who is compared with our payments: a provider's balance (`gateway/stripe`), or our orders (`orders`). */
export const ComparedWith = z.string().regex(/^(orders|gateway\/[a-z][a-z0-9-]{0,39})$/, 'orders or gateway/<name>');
export const FindingKind = z.enum([
  /** The provider has it, our books do not. */
  'missing-here',
  /** Our books have it, and the provider never heard of it. */
  'missing-there',
  'amount-differs',
  'fee-differs',
  'order-without-payment',
  'payment-without-order',
  'paid-differs',
  'refund-at-one-side',
]);
export const CaseStatus = z.enum(['open', 'resolved', 'matched']);
export const SuggestedAction = z.enum([
  'verify-payment',
  'review-charge',
  'record-refund',
  'book-dispute',
  'book-transfer',
  'post-fee',
  'ask-provider',
  'correct-amount',
  'review-order',
  'refund-payment',
]);
/** What would mend it. Nothing happens before a person does it. */
export const Suggestion = z.object({ action: SuggestedAction, text: z.string() });
/** A difference. Amounts in minor units, negative where the balance shrank; an absent one: that side has nothing. */
export const Finding = z.object({
  against: ComparedWith,
  kind: FindingKind,
  /** What it is about: with `against` and `kind` the same in every run. */
  reference: z.string().min(1).max(300),
  at: Instant,
  currency: Currency,
  ours: Amount.optional(),
  theirs: Amount.optional(),
  paymentId: Id.optional(),
  orderId: Id.optional(),
  suggestion: Suggestion,
});

export const reconciliationCommands = {
  /** Nothing happens while it is known with these very figures, settled or not. */
  RaiseCase: z.object({ finding: Finding, runId: Id }),
  /** By a person, with what was done about it. */
  ResolveCase: z.object({ note: Text(500), by: Id }),
  /** By a run that does not find it any more. */
  CloseCase: z.object({ runId: Id }),
} satisfies Catalogue;

const about = { caseId: Id, against: ComparedWith, kind: FindingKind, at: Instant };
export const reconciliationEvents = {
  /** For the first time, with other figures, or again after it was gone. */
  CaseRaised: z.object({ caseId: Id, finding: Finding, runId: Id, at: Instant }),
  CaseResolved: z.object({ ...about, note: z.string(), by: Id }),
  CaseMatched: z.object({ ...about, runId: Id }),
} satisfies Catalogue;

export const reconciliationRejections = {
  UnknownCase: z.object({ caseId: Id }),
  CaseNotOpen: z.object({ caseId: Id, status: CaseStatus }),
} satisfies Catalogue;

export type FindingKind = z.infer<typeof FindingKind>;
export type CaseStatus = z.infer<typeof CaseStatus>;
export type Suggestion = z.infer<typeof Suggestion>;
export type Finding = z.infer<typeof Finding>;
export type ReconciliationCommand = MessageOf<typeof reconciliationCommands>;
export type ReconciliationEvent = MessageOf<typeof reconciliationEvents>;
export type ReconciliationRejection = MessageOf<typeof reconciliationRejections>;
export const reconciliationContract = {
  context: 'reconciliation',
  commands: reconciliationCommands,
  events: reconciliationEvents,
  rejections: reconciliationRejections,
};
