/** The one table from refusals by rule to HTTP, and from a commander's answer to a reply. */
import type { Answer } from '../../actors/ports/commander.ts';
import type { AccountsRejection } from '../../contracts/accounts.ts';
import type { AllowanceRejection } from '../../contracts/allowances.ts';
import type { CorrectionRejection } from '../../contracts/books.ts';
import type { CartsRejection } from '../../contracts/carts.ts';
import type { CheckoutRejection } from '../../contracts/checkout.ts';
import type { FlashSaleRejection } from '../../contracts/flashsales.ts';
import type { InventoryRejection } from '../../contracts/inventory.ts';
import type { OrderRejection } from '../../contracts/orders.ts';
import type { PaymentRejection } from '../../contracts/payments.ts';
import type { ProductRejection } from '../../contracts/products.ts';
import type { ReconciliationRejection } from '../../contracts/reconciliation.ts';
import type { RefundRejection } from '../../contracts/refunds.ts';
import { problem, type Refused } from './problems.ts';
import type { Reply } from './routes.ts';

type Rejection =
  | AccountsRejection
  | AllowanceRejection
  | CartsRejection
  | CheckoutRejection
  | CorrectionRejection
  | FlashSaleRejection
  | InventoryRejection
  | OrderRejection
  | PaymentRejection
  | ProductRejection
  | ReconciliationRejection
  | RefundRejection;

export const REJECTION_STATUS = {
  EmailTaken: 409,
  UnknownUser: 404,
  UserIdTaken: 409,
  AccountLocked: 423,
  AccountDeactivated: 403,
  UnknownSession: 401,
  SessionOver: 401,
  RefreshTokenReused: 401,
  LastRole: 409,
  TicketOver: 410,
  OutOfStock: 409,
  StockIsReserved: 409,
  UnknownAllocation: 404,
  AllocationMismatch: 409,
  UnknownReservation: 404,
  ReservationClosed: 409,
  ReservationIdTaken: 409,
  HoldAlreadyOver: 409,
  UnknownOrder: 404,
  WrongOrderStatus: 409,
  OrderIdTaken: 409,
  TotalsDoNotAddUp: 422,
  AmountMismatch: 409,
  RefundExceedsOrder: 409,
  UnknownPayment: 404,
  PaymentAlreadyAuthorised: 409,
  WrongPaymentStatus: 409,
  PaymentIdTaken: 409,
  AllocationsDoNotAddUp: 422,
  RefundExceedsCapture: 409,
  UnknownAttempt: 404,
  ResultMismatch: 409,
  DisputeMismatch: 409,
  UnknownShare: 404,
  UnknownTransfer: 404,
  TransferPaidAlready: 409,
  TransferNotPaidOut: 409,
  UnknownAccount: 422,
  SameAccount: 422,
  CorrectionIdTaken: 409,
  UnknownProduct: 404,
  ProductIdTaken: 409,
  SkuTaken: 409,
  UnknownVariant: 404,
  VariantIdTaken: 409,
  TooManyVariants: 409,
  AttributesRequired: 422,
  VariantsAlike: 422,
  PriceOutOfRange: 422,
  PriceTwice: 422,
  WrongPeriod: 422,
  TooManyPrices: 409,
  TitleRequired: 422,
  UnknownImage: 404,
  TooManyImages: 409,
  OtherImages: 409,
  ImageHostNotAllowed: 422,
  LimitExceeded: 409,
  AllowanceClosed: 409,
  PriceMissing: 409,
  WrongProductStatus: 409,
  NotYourProduct: 403,
  UnknownCart: 404,
  UnknownCartItem: 404,
  CartFull: 409,
  TooManyUnits: 409,
  CartChanged: 409,
  CartInCheckout: 409,
  CartCheckoutClosed: 409,
  UnknownCheckout: 404,
  NotForSale: 422,
  TotalTooLarge: 422,
  CartEmpty: 409,
  QuoteChanged: 409,
  NotWaitingForPayment: 409,
  NoGateway: 422,
  GatewayAway: 503,
  CheckoutClosed: 409,
  PastPointOfNoReturn: 409,
  UnknownRefund: 404,
  RefundIdTaken: 409,
  NotYourRefund: 403,
  OrderNotRefundable: 409,
  RefundWindowOver: 409,
  RefundReasonNotAllowed: 422,
  UnknownOrderLine: 422,
  RefundExceedsLine: 409,
  RefundExceedsLeft: 409,
  WrongRefundStatus: 409,
  TooManyRefunds: 409,
  UnknownCase: 404,
  CaseNotOpen: 409,
  UnknownFlashSale: 404,
  FlashSaleIdTaken: 409,
  NotYourFlashSale: 403,
  WindowInvalid: 422,
  SalePriceInvalid: 422,
  WrongFlashSalePhase: 409,
  FlashSaleNotLive: 409,
  SoldOut: 409,
  BuyerLimitReached: 409,
  UnknownClaim: 404,
  ClaimIdTaken: 409,
  ClaimClosed: 409,
  ClaimAlreadyOver: 409,
} as const satisfies Record<Rejection['type'], number>;

/** `OutOfStock` -> `out_of_stock`, `payment-declined` -> `payment_declined`. */
export const codeOf = (type: string): string =>
  type
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .replaceAll('-', '_')
    .toLowerCase();
const sentence = (type: string): string => {
  const text = codeOf(type).replaceAll('_', ' ');
  return `Refused: ${text}.`;
};

type Rejected = { readonly type: string } & Readonly<Record<string, unknown>>;
export const rejected = ({ type, ...facts }: Rejected): Refused => {
  const status = (REJECTION_STATUS as Readonly<Record<string, number>>)[type] ?? 409;
  const extra = Object.keys(facts).length > 0 ? { details: facts } : undefined;
  const retryAfter = typeof facts.retryAfter === 'number' ? facts.retryAfter : undefined;
  return { problem: { status, code: codeOf(type), detail: sentence(type), extra, retryAfter } };
};

const WHY = {
  overloaded: 'Too much is asked at once.',
  expired: 'It could not be done in time; it may still happen. Ask again with the same key.',
  stopping: 'This node is stopping.',
  'not-owner': 'The owner of the data is moving.',
  database: 'The database is not reachable.',
  quarantined: 'This item failed repeatedly and waits for an operator.',
} as const satisfies Record<Extract<Answer, { kind: 'unavailable' }>['reason'], string>;

const REUSED = 'The same Idempotency-Key came with another body. Use a new key for a new request.';

type Failure = Exclude<Answer, { kind: 'accepted' }>;
/** The problem that an answer without effect is. */
export const refusal = (answer: Failure): Refused => {
  switch (answer.kind) {
    case 'rejected':
      return rejected(answer.rejection);
    case 'reused':
      return problem('idempotency_key_reused', REUSED);
    case 'unavailable':
      return problem('unavailable', WHY[answer.reason], {
        retryAfter: answer.retryAfter,
        extra: { reason: answer.reason },
      });
    case 'faulted':
      return problem('internal_error', 'Something broke on our side.', { extra: { error_id: answer.errorId } });
  }
};

export type Accepted = Extract<Answer, { kind: 'accepted' }>;
/** `Position` says where the write is, for a read that wants to see it; `Idempotent-Replayed` that it is an old answer. */
const written = (answer: Accepted): Record<string, string> => {
  const places = Object.entries(answer.positions).map(([context, position]) => `${context}=${position}`);
  return {
    ...(places.length > 0 && { position: places.join(',') }),
    ...(answer.repeated && { 'idempotent-replayed': 'true' }),
  };
};

/** The reply to a command: what `then` makes of it if it was accepted, its problem if not. */
export const replyTo = (answer: Answer, then: (accepted: Accepted) => Reply): Reply => {
  if (answer.kind !== 'accepted') return refusal(answer);
  const reply = then(answer);
  return { ...reply, headers: { ...written(answer), ...reply.headers } };
};
