/** What the edge asks of checkout and payments beside commands. */
import type { Basket, OfferedBasket } from '../../contracts/checkout.ts';
import type { Currency, Id, Sku } from '../../contracts/common.ts';
import type { SalePrice } from '../../contracts/flashsales.ts';
import type { OrderType } from '../../contracts/orders.ts';
import type { PaymentMethod } from '../../contracts/payments.ts';
import type { Answer, Meta, Rejection } from './commander.ts';
import type { SavedMethod, SetUp } from './gateway.ts';

/** What a buyer wants, before prices. The same SKU may stand on several lines. */
export interface Wish {
  readonly checkoutId: Id;
  readonly buyerId: Id;
  readonly currency: Currency;
  readonly orderType: OrderType;
  readonly lines: readonly {
    readonly sku: Sku;
    readonly quantity: number;
    /** Claimed from this sale, at its prices. */
    readonly flashSale?: { readonly saleId: Id; readonly prices: readonly SalePrice[] };
  }[];
  readonly shipTo?: Basket['shipTo'];
  readonly method?: ChosenMethod;
  readonly returnUrl?: string;
  /** The cart that it comes from. */
  readonly cartId?: Id;
}
/** What a basket costs now. */
export interface Quote {
  /** Of what is for sale; undefined: nothing is. */
  readonly basket?: OfferedBasket;
  /** SKUs that are not for sale: unknown, unpublished, or without a price in the currency. */
  readonly missing: readonly Sku[];
  /**
   * Names what it costs, line by line: as long as that stays the same, so does this. Undefined: it cannot be bought, for
   * there is nothing, or it costs more than `MOST_TOTAL`.
   */
  readonly quote?: string;
}
export interface Baskets {
  /** Without a word of who buys and how they pay: nothing is refused. */
  quote(lines: Wish['lines'], currency: Currency): Promise<Quote>;
  /**
   * Prices and products as they are now, one order per seller, totals, demand and hashes.
   * Refused as `NotForSale` (unknown, unpublished, without a price in the currency), `TotalTooLarge`, `NoGateway` or
   * `GatewayAway`; a buyer knows SKUs, so the refusal names one.
   */
  freeze(wish: Wish): Promise<{ readonly basket: Basket; readonly quote: string } | { readonly rejection: Rejection }>;
}

export interface GatewayChecks {
  /**
   * Asks the provider about the payment's open attempts and records what it says. `proof`: what the provider's checkout
   * gave the buyer's browser; `bad-proof`: its signature is wrong, or the provider gives none.
   */
  verify(
    paymentId: Id,
    meta: Meta,
    proof?: { readonly payment: string; readonly signature: string },
  ): Promise<Answer | 'bad-proof'>;
}

/** How a buyer pays. `saved`: the token names one of their saved methods. */
export interface ChosenMethod extends Pick<PaymentMethod, 'token' | 'gateway'> {
  /** Such as `card` or `upi`. */
  readonly type?: string;
  readonly saved?: boolean;
}
/** What a purchase says of how it wants to be paid. */
export interface PaymentWish {
  readonly currency: Currency;
  /** ISO 3166-1, two letters: where it is sent to. */
  readonly country?: string;
  /** Such as `card` or `upi`. */
  readonly method?: string;
  /** Whose token it is; undefined: by the routes. */
  readonly gateway?: string;
}
export interface PaymentOption {
  readonly gateway: string;
  /** `token`: the client makes a token of the method first. `checkout`: the buyer pays in the provider's own. */
  readonly pays: 'token' | 'checkout';
  /** What the client opens the provider's library with. */
  readonly publicKey?: string;
  readonly available: boolean;
}
export interface PaymentRouting {
  /** The method as the payment keeps it: whose it is, and who takes it. Refused as `NoGateway` or `GatewayAway`. */
  settle(
    method: ChosenMethod,
    about: { readonly buyerId: Id; readonly currency: Currency; readonly country?: string },
  ): Promise<{ readonly method: PaymentMethod } | { readonly rejection: Rejection }>;
  /** The preferred one first. */
  options(wish: PaymentWish): readonly PaymentOption[];
}

export interface KeptMethod extends SavedMethod {
  readonly gateway: string;
}
/** Methods that buyers keep at providers, to pay with again. Nothing of them is kept here. */
export interface MethodDesk {
  /** The provider's name of the buyer; undefined: it is not installed, or keeps no methods. */
  customer(gateway: string, buyerId: Id): Promise<string | undefined>;
  /** Of all providers. */
  list(buyerId: Id): Promise<readonly KeptMethod[]>;
  /** Without a payment, once under its key. Undefined: as above, or it does that in its own checkout only. */
  save(
    buyerId: Id,
    method: { readonly gateway?: string; readonly token: string; readonly returnUrl?: string },
    key: string,
  ): Promise<(SetUp & { readonly gateway: string }) | undefined>;
  /** False: there is no such method of this buyer. */
  forget(buyerId: Id, gateway: string, token: string): Promise<boolean>;
}

export interface Webhooks {
  /**
   * Checks the signature over exactly these bytes, stores the event, and returns; it is handled afterwards.
   * `again`: stored before. Header names are in lower case.
   */
  receive(
    provider: string,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Uint8Array,
  ): Promise<'stored' | 'again' | 'bad-signature' | 'malformed' | 'unknown-provider'>;
}

/** The page on which a buyer answers a provider's challenge; only the sandbox provider's is ours to show. */
export interface ChallengeDesk {
  /** Undefined: there is no such challenge. `returnUrl`: where the buyer goes afterwards. */
  answer(
    reference: string,
    approve: boolean,
  ): Promise<{ readonly status: string; readonly returnUrl?: string } | undefined>;
}
