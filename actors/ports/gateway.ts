/**
 * What Tradewind wants of a payment provider. Every provider stands behind it: sandbox, Stripe, Razorpay. What a provider
 * cannot do is absent here or said in `can`; nothing is faked.
 *
 * A call either returns what the provider decided, or throws a `GatewayTrouble`. All amounts are integers in the currency's
 * minor unit by ISO 4217; an adapter turns them into what its provider counts in. Moments are ISO 8601 in UTC.
 */
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { AttemptKind, GatewayResult } from '../../contracts/payments.ts';

/** One call. `key` is what the provider's idempotency key is derived from: the same key twice is one effect, one answer. */
export interface GatewayCall {
  readonly key: string;
  readonly paymentId: Id;
  readonly amount: number;
  readonly currency: Currency;
  /** When the attempt was committed. A provider that forgets keys is not asked again under one that is too old. */
  readonly startedAt?: Instant;
}
export interface Authorisation extends GatewayCall {
  /** The provider's name for a payment method. Never card data. */
  readonly token: string;
  /** Where the buyer comes back to from the bank. */
  readonly returnUrl?: string;
  /** The provider's customer, for a method that was saved. */
  readonly customer?: string;
}
/** `reference` is the provider's name for the payment. */
export interface ReferredCall extends GatewayCall {
  readonly reference: string;
}
export interface Cancellation extends GatewayCall {
  /** Undefined: the provider never told; it is looked for by the key of the authorisation. */
  readonly reference?: string;
  readonly authorisationKey: string;
}
/** About the call with `key`, which may or may not have reached the provider. */
export interface GatewayQuestion extends Cancellation {
  readonly kind: AttemptKind;
}

export interface Gateway {
  readonly name: string;
  readonly can: GatewayAbilities;
  /** Holds the money (manual capture). `requires-action`: the buyer goes to the bank, or to the provider's checkout. */
  authorise(call: Authorisation): Promise<GatewayResult>;
  /** Takes what is held; less than the whole only where `can.captureParts`, and the rest of the hold is given back. */
  capture(call: ReferredCall): Promise<GatewayResult>;
  /** Gives an authorisation back, or ends one that is still open. */
  cancel(call: Cancellation): Promise<GatewayResult>;
  /** Gives back all or a part of what was captured. */
  refund(call: ReferredCall): Promise<GatewayResult>;
  /** What became of a call, as it stands now; undefined: the provider never heard of it. Changes nothing. */
  find(question: GatewayQuestion): Promise<GatewayResult | undefined>;
  /** Is this what the provider's checkout gave the buyer's browser? Checked by signature, in constant time. */
  proves?(proof: CheckoutProof): boolean;
  readonly methods?: SavedMethods;
  readonly transfers?: Transfers;
  readonly disputes?: Disputes;
  /** Lines of the provider's balance in that period, oldest first: what our books are compared with. */
  movements?(period: Period): AsyncIterable<Movement>;
  /** Notices since then that the provider did not get delivered, oldest first. */
  missed?(since: Instant): AsyncIterable<GatewayNotice>;
}

export interface GatewayAbilities {
  readonly captureParts: boolean;
  /** `voids`: the hold is given back at once. `lapses`: it is never captured and falls back when its time is over. */
  readonly cancel: 'voids' | 'lapses';
  /** `token`: charges a method that the buyer's client made a token of. `checkout`: the buyer pays in the provider's own. */
  readonly pays: 'token' | 'checkout';
}

/** What may have become of a call that threw. `nothing` is sure: the same call may be made again without a question. */
export type Effect = 'unknown' | 'nothing';
/** The provider gave no decision. Declines are results, not trouble. */
export class GatewayTrouble extends Error {
  readonly effect: Effect;
  /** `away`: no connection, time-out, 5xx. `busy`: too many requests. `refused`: keys, rights or a request that is wrong. */
  readonly why: 'away' | 'busy' | 'refused';
  /** Milliseconds, when the provider says so. */
  readonly retryAfter?: number;

  constructor(
    message: string,
    { effect, why, retryAfter, cause }: Pick<GatewayTrouble, 'effect' | 'why' | 'retryAfter'> & { cause?: unknown },
  ) {
    super(message, { cause });
    this.effect = effect;
    this.why = why;
    this.retryAfter = retryAfter;
  }
}

/** What the buyer's browser brings back from the provider's checkout. */
export interface CheckoutProof {
  /** The provider's name for what was to be paid, as we know it. */
  readonly reference: string;
  /** The provider's name for the payment that was made. */
  readonly payment: string;
  readonly signature: string;
}

/** A method to pay with again. No card data: what is shown to its owner. */
export interface SavedMethod {
  readonly token: string;
  readonly type: string;
  /** Such as `visa 4242 12/2030`. */
  readonly label: string;
}
export interface SavedMethods {
  /** The provider's customer for one of our users; made the first time. */
  customer(userId: Id): Promise<string>;
  /** Begins to save a method without a payment; absent where that happens in the provider's checkout only. */
  setUp?(call: {
    readonly key: string;
    readonly customer: string;
    readonly token: string;
    readonly returnUrl?: string;
  }): Promise<SetUp>;
  list(customer: string): Promise<readonly SavedMethod[]>;
  /** False: there is no such method of this customer. */
  forget(customer: string, token: string): Promise<boolean>;
}
export type SetUp =
  | { readonly outcome: 'saved'; readonly token: string }
  | { readonly outcome: 'requires-action'; readonly reference: string; readonly url: string }
  | { readonly outcome: 'failed'; readonly code: string; readonly message: string };

/** The platform pays a seller's account at the provider out of what it captured (separate charges and transfers). */
export interface TransferCall {
  readonly key: string;
  /** The seller's account at the provider. */
  readonly account: string;
  readonly amount: number;
  readonly currency: Currency;
  /** The provider's name for the payment that it is paid from. */
  readonly reference: string;
  readonly paymentId: Id;
}
export interface ReversalCall {
  readonly key: string;
  /** The provider's name for the transfer. */
  readonly transfer: string;
  readonly amount: number;
  readonly currency: Currency;
}
export type TransferResult =
  | { readonly outcome: 'succeeded'; readonly reference: string; readonly amount: number; readonly currency: Currency }
  | { readonly outcome: 'failed'; readonly code: string; readonly message: string };
export interface Transfers {
  transfer(call: TransferCall): Promise<TransferResult>;
  /** Takes back all or a part. A refund of the payment does not do that by itself. */
  reverse(call: ReversalCall): Promise<TransferResult>;
  findTransfer(question: Pick<TransferCall, 'key' | 'reference' | 'paymentId'>): Promise<TransferResult | undefined>;
  findReversal(question: Pick<ReversalCall, 'key' | 'transfer'>): Promise<TransferResult | undefined>;
}

export interface Dispute {
  readonly reference: string;
  /** The provider's name for the disputed payment. */
  readonly payment: string;
  readonly amount: number;
  readonly currency: Currency;
  /** What of it is out of the balance by now; undefined: all while it is open and once it is lost, otherwise nothing. */
  readonly taken?: number;
  /** What the provider keeps for handling it, so far and in the currency of the dispute; undefined: it does not tell. */
  readonly fee?: number;
  readonly reason: string;
  /** `warning`: an inquiry; no money has moved. */
  readonly status: 'warning' | 'needs-response' | 'under-review' | 'won' | 'lost';
  readonly openedAt: Instant;
  readonly evidenceDueBy?: Instant;
}
export interface Disputes {
  find(reference: string): Promise<Dispute | undefined>;
  /** Opened in that period, oldest first. */
  list(period: Period): AsyncIterable<Dispute>;
}

/** From `since` until before `until`. */
export interface Period {
  readonly since: Instant;
  readonly until: Instant;
}
/** One line of the provider's balance. `amount` less `fee` is `net`, which the balance grew by; negative: it shrank. */
export interface Movement {
  /** The provider's name for the line. */
  readonly reference: string;
  readonly kind: 'charge' | 'refund' | 'dispute' | 'transfer' | 'transfer-reversal' | 'payout' | 'fee' | 'other';
  readonly amount: number;
  readonly fee: number;
  readonly net: number;
  /** Of the balance, which may be another one than that of the payment. */
  readonly currency: Currency;
  /** The provider's name for what it comes from: a charge, a refund, a transfer. */
  readonly source?: string;
  /** The provider's name for the payment that it is about. */
  readonly payment?: string;
  /** The key of the call that it comes from, where the provider carries it. */
  readonly key?: string;
  readonly at: Instant;
  /** When the money can be paid out. */
  readonly availableAt?: Instant;
}

/** A provider's message, its signature checked. A hint only: the figures are asked for with `find`. */
export interface GatewayNotice {
  /** The provider's event id: the same twice is handled once. */
  readonly eventId: string;
  readonly type: string;
  /** Who handles it; `nothing`: it is put on record only. */
  readonly about: NoticeSubject;
  /** Ours, where the provider carries it. */
  readonly paymentId?: Id;
  /** The key of the call that it is about, where the provider carries it. */
  readonly key?: string;
  /** The provider's names for the payment, by which it is looked up otherwise. */
  readonly references: readonly string[];
  /** The provider's name for what it is about: the dispute, the transfer. */
  readonly subject?: string;
}
export type NoticeSubject = 'payment' | 'dispute' | 'transfer' | 'nothing';

export interface NoticeReader {
  /** The notice in a raw body; undefined when the signature is wrong or too old. Throws SyntaxError when it is no notice. */
  read(rawBody: Buffer, headers: Readonly<Record<string, string | string[] | undefined>>): GatewayNotice | undefined;
}
