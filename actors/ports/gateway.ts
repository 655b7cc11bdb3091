/** What Tradewind wants of a payment provider. Every provider stands behind it: sandbox, Stripe, Razorpay. */
import type { GatewayResult } from '../../contracts/payments.ts';

/** One call. `key` is the provider's idempotency key: the same key twice is one charge and one answer. */
export interface GatewayCall {
  readonly key: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly currency: string;
}

export interface Gateway {
  readonly name: string;
  authorise(call: GatewayCall & { readonly token: string; readonly returnUrl?: string }): Promise<GatewayResult>;
  /** `reference` is the provider's name for the authorisation. */
  capture(call: GatewayCall & { readonly reference: string }): Promise<GatewayResult>;
  /** Gives an authorisation back, or ends one that is still open. `reference` undefined: by the key of the authorisation. */
  cancel(
    call: GatewayCall & { readonly reference?: string; readonly authorisationKey: string },
  ): Promise<GatewayResult>;
  refund(call: GatewayCall & { readonly reference: string }): Promise<GatewayResult>;
  /** What became of the call with that key, as it stands now; undefined: the provider never heard of it. */
  find(key: string): Promise<GatewayResult | undefined>;
}

/** A provider's message, its signature checked. A hint only: the figures are asked for with `find`. */
export interface GatewayNotice {
  /** The provider's event id: the same twice is handled once. */
  readonly eventId: string;
  readonly type: string;
  readonly paymentId: string;
  /** The key of the call that it is about. */
  readonly key: string;
}

export interface NoticeReader {
  /** The notice in a raw body, or undefined when the signature is wrong. */
  read(rawBody: Buffer, headers: Readonly<Record<string, string | string[] | undefined>>): GatewayNotice | undefined;
}
