/** What would mend a difference, by its kind and by what it is about. A person decides and does it. */
import type { FindingKind, Suggestion } from '../../contracts/reconciliation.ts';
import type { LineKind } from './lines.ts';

/** As much of a line or entry as a suggestion depends on. */
interface About {
  readonly kind: LineKind;
  readonly paymentId?: string;
  /** The provider's name for the line. */
  readonly reference?: string;
  /** A call of its payment has no result yet. */
  readonly isOpen?: boolean;
}
type Action = Suggestion['action'];

const TEXTS: Readonly<Record<Action, string>> = {
  'verify-payment':
    'We never heard of it, such as by a lost webhook. POST /api/v1/payments/{payment_id}/verify asks the provider.',
  'review-charge':
    'Nothing of ours stands behind this charge, or it was made twice. Look it up; give back what is too much.',
  'record-refund':
    'Somebody gave money back at the provider itself. Book it by a correction named {reference}, and stop refunding there.',
  'book-dispute':
    'The provider keeps money for a dispute that our books do not have. This run brings it there; answer the dispute.',
  'book-transfer':
    'The provider moved money to or from a seller’s account without us. Book it by a correction named {reference}, or reverse it there.',
  'post-fee':
    'The provider keeps another fee than was booked. Post the difference to gateway-fees by a correction named {reference}.',
  'ask-provider': 'We booked what the provider does not know. Ask the provider before anything is corrected.',
  'correct-amount':
    'Both have it with other amounts. Find out which is right and post the difference, by a correction named {reference}.',
  'review-order': 'The order says that it was paid, and no captured payment stands behind it. Do not ship it.',
  'refund-payment': 'Money was taken for an order that is not paid. Give it back, or settle the order.',
};

const MISSING_HERE: Readonly<Record<LineKind, Action>> = {
  charge: 'review-charge',
  refund: 'record-refund',
  dispute: 'book-dispute',
  transfer: 'book-transfer',
  'transfer-reversal': 'book-transfer',
  fee: 'post-fee',
  payout: 'ask-provider',
  other: 'ask-provider',
};
const BY_KIND: Readonly<Record<Exclude<FindingKind, 'missing-here'>, Action>> = {
  'missing-there': 'ask-provider',
  'amount-differs': 'correct-amount',
  'fee-differs': 'post-fee',
  'order-without-payment': 'review-order',
  'payment-without-order': 'refund-payment',
  'paid-differs': 'correct-amount',
  'refund-at-one-side': 'correct-amount',
};

const actionFor = (kind: FindingKind, { kind: what, isOpen }: About): Action => {
  if (kind !== 'missing-here') return BY_KIND[kind];
  return isOpen ? 'verify-payment' : MISSING_HERE[what];
};

export const suggestionFor = (kind: FindingKind, about: About): Suggestion => {
  const action = actionFor(kind, about);
  const { paymentId = '{payment_id}', reference = 'after it' } = about;
  return { action, text: TEXTS[action].replace('{payment_id}', paymentId).replace('{reference}', reference) };
};
