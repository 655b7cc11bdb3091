/** Both sides of a comparison in one shape: what a provider's balance says, and what our books say of that balance. */
import type { Currency, Id, Instant } from '../../contracts/common.ts';

export type LineKind = 'charge' | 'refund' | 'dispute' | 'transfer' | 'transfer-reversal' | 'payout' | 'fee' | 'other';

/** Minor units; negative: the balance shrank. The fee is what the provider keeps beside, positive. */
interface Sums {
  readonly kind: LineKind;
  readonly amount: number;
  readonly fee: number;
  readonly currency: Currency;
  readonly at: Instant;
  readonly paymentId?: Id;
}
/** One line of a provider's balance. */
export interface Line extends Sums {
  readonly reference: string;
  /** What of ours it is about, such as `charge/<payment>`; undefined: it names nothing that we know. */
  readonly about?: string;
  /** Its payment has a call without a result: we may just not have heard of it. */
  readonly isOpen?: boolean;
}
/** One entry of our books that changes what the provider owes us. */
export interface Entry extends Sums {
  /** Source and sequence. */
  readonly id: string;
  readonly about: string;
  /** Of a correction: its id, which is the reference of the line that it is about. */
  readonly corrects?: string;
}

/** A line as the provider tells it, with its names for what it comes from and the key of our call, where it carries it. */
export interface Told extends Omit<Sums, 'paymentId'> {
  readonly reference: string;
  readonly source?: string;
  readonly payment?: string;
  readonly key?: string;
}
/** What the provider's names and our keys mean. */
export interface Names {
  /** Payments by the provider's name. */
  readonly payments: ReadonlyMap<string, Id>;
  /** Calls by their key. */
  readonly calls: ReadonlyMap<string, { readonly paymentId: Id; readonly refundId?: Id }>;
  /** Payments with a call that has no result. */
  readonly open: ReadonlySet<Id>;
}

/** One posting with the gateway's account at one end, as the ledger keeps it. */
export interface GatewayPosting {
  /** The payment, or `correction/<id>`. */
  readonly source: string;
  readonly paymentId?: Id;
  readonly sequence: number;
  readonly reference: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: number;
  readonly currency: Currency;
  readonly at: Instant;
}

export const GATEWAY_ACCOUNT = 'gateway';
const FEES: ReadonlySet<string> = new Set(['gateway-fees', 'dispute-fees']);
const COUNTERPARTS: readonly (readonly [RegExp, (grows: boolean) => LineKind])[] = [
  [/^customer-clearing$/, (grows) => (grows ? 'charge' : 'refund')],
  [/^(gateway|dispute)-fees$/, () => 'fee'],
  [/^dispute/, () => 'dispute'],
  [/^seller-/, (grows) => (grows ? 'transfer-reversal' : 'transfer')],
  [/^bank$/, () => 'payout'],
];
const counterOf = ({ debit, credit }: GatewayPosting): string => (debit === GATEWAY_ACCOUNT ? credit : debit);
const signed = ({ debit, amount }: GatewayPosting): number => (debit === GATEWAY_ACCOUNT ? amount : -amount);
/** What a posting is to the gateway's balance, by the account at its other end. */
export const kindOf = (posting: GatewayPosting): LineKind =>
  COUNTERPARTS.find(([account]) => account.test(counterOf(posting)))?.[1](posting.debit === GATEWAY_ACCOUNT) ?? 'other';

/** Charges are one a payment; everything else has a name of its own. */
const aboutOf = (kind: LineKind, { paymentId, reference }: GatewayPosting): string =>
  kind === 'charge' ? `charge/${paymentId}` : `${kind}/${reference}`;

const CORRECTION = 'correction/';
/** The source of the correction that explains a line. */
export const correctionOf = (reference: string): string => `${CORRECTION}${reference}`;
const corrected = (source: string): string | undefined =>
  source.startsWith(CORRECTION) ? source.slice(CORRECTION.length) : undefined;

const entryOf = (postings: readonly GatewayPosting[]): Entry => {
  const main = postings.find((posting) => !FEES.has(counterOf(posting)));
  const first = main ?? postings[0]!;
  const kind = kindOf(first);
  const fee = postings.filter((one) => FEES.has(counterOf(one))).reduce((sum, one) => sum - signed(one), 0);
  const { source, paymentId, sequence, currency, at } = first;
  const amount = postings.filter((one) => !FEES.has(counterOf(one))).reduce((sum, one) => sum + signed(one), 0);
  const id = `${source}/${sequence}`;
  const corrects = corrected(source);
  return { id, about: aboutOf(kind, first), kind, amount, fee, currency, at, paymentId, corrects };
};

/** What was booked together is one entry: a capture with its fee. */
export const entriesOf = (postings: readonly GatewayPosting[]): readonly Entry[] =>
  [...Map.groupBy(postings, ({ source, sequence }) => `${source}/${sequence}`).values()].map(entryOf);

/** Refunds and transfers are named by the key of our call, disputes by the provider's own name. */
const aboutLine = ({ kind, key, source }: Told, paymentId: Id | undefined, { calls }: Names): string | undefined => {
  if (kind === 'charge') return paymentId && `charge/${paymentId}`;
  if (kind === 'dispute') return source && `dispute/${source}`;
  if (kind === 'transfer' || kind === 'transfer-reversal') return key && `${kind}/${key}`;
  const refundId = key === undefined ? undefined : calls.get(key)?.refundId;
  return kind === 'refund' && refundId ? `refund/${refundId}` : undefined;
};

export const lineOf = (told: Told, names: Names): Line => {
  const { reference, kind, amount, fee, currency, at, key, payment } = told;
  const paymentId = names.calls.get(key ?? '')?.paymentId ?? names.payments.get(payment ?? '');
  const about = aboutLine(told, paymentId, names);
  return { reference, kind, amount, fee, currency, at, paymentId, about, isOpen: names.open.has(paymentId ?? '') };
};
