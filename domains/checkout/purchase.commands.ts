/** The commands of a purchase by the verbs of its steps. A command depends on the step and the basket, never on the clock. */
import type { AllowanceCommand } from '../../contracts/allowances.ts';
import type { CartsCommand } from '../../contracts/carts.ts';
import type { FrozenOrder } from '../../contracts/checkout.ts';
import type { Id, Sku } from '../../contracts/common.ts';
import type { FlashSaleCommand } from '../../contracts/flashsales.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import type { OrderCommand } from '../../contracts/orders.ts';
import type { Allocation, PaymentCommand, SoldAllocation } from '../../contracts/payments.ts';
import type { Outgoing } from '../kernel/saga.ts';
import { authoriseStep, holdEnd, type Purchase, paymentIdOf, type Step } from './purchase.state.ts';

export type PurchaseCommand =
  | AllowanceCommand
  | CartsCommand
  | FlashSaleCommand
  | InventoryCommand
  | OrderCommand
  | PaymentCommand;
type Addressed = Pick<Outgoing<PurchaseCommand>, 'to' | 'key' | 'command'>;
type Verb = (purchase: Purchase, what: string) => Addressed;

/** Who did it, in the histories of orders. */
const BY = 'checkout';

const atStock = (sku: Sku, command: InventoryCommand): Addressed => ({ to: 'inventory-item', key: sku, command });
const atOrder = (orderId: Id, command: OrderCommand): Addressed => ({ to: 'order', key: orderId, command });
const atPayment = ({ checkoutId }: Purchase, command: PaymentCommand): Addressed => ({
  to: 'payment',
  key: paymentIdOf(checkoutId),
  command,
});

export const reservationIdOf = (checkoutId: Id, sku: Sku): Id => `${checkoutId}/${sku}`;
const demandFor = ({ basket }: Purchase, sku: Sku) => basket.demand.find((demand) => demand.sku === sku)!;
const quantityOf = (purchase: Purchase, sku: Sku): number => demandFor(purchase, sku).quantity;
const orderOf = ({ basket }: Purchase, orderId: Id): FrozenOrder =>
  basket.orders.find((order) => order.orderId === orderId)!;
const sellingOrder = ({ basket }: Purchase, sku: Sku): Id =>
  basket.orders.find(({ lines }) => lines.some((line) => line.sku === sku))!.orderId;
/** An order that costs nothing has no share in the payment. */
const allocationsOf = ({ basket }: Purchase): Allocation[] =>
  basket.orders
    .map(({ orderId, sellerId, totals }) => ({ orderId, sellerId, amount: totals.gross }))
    .filter(({ amount }) => amount > 0);
/** With the commissions of their lines; a basket that was frozen before lines had one leaves them to the payment. */
const soldBy = (purchase: Purchase): SoldAllocation[] =>
  allocationsOf(purchase).map((allocation) => {
    const parts = orderOf(purchase, allocation.orderId).lines.map(({ commission }) => commission);
    const isKnown = parts.every((part) => part !== undefined);
    return isKnown ? { ...allocation, commission: parts.reduce((sum, part) => sum + part, 0) } : allocation;
  });
/** Why it is undone, for the histories; only steps of the way back, whose reason is committed before they leave. */
const reasonOf = (purchase: Purchase): string => {
  const why = 'why' in purchase ? (purchase.why as { reason: string }) : { reason: 'checkout aborted' };
  return why.reason.slice(0, 200);
};

/** Who keeps the promise of a SKU: its stock, or the flash sale that it was claimed from. */
const atHolder = (
  purchase: Purchase,
  sku: Sku,
  ofStock: (reservationId: Id) => InventoryCommand,
  ofSale: (claimId: Id) => FlashSaleCommand,
): Addressed => {
  const id = reservationIdOf(purchase.checkoutId, sku);
  const { flashSaleId } = demandFor(purchase, sku);
  return flashSaleId === undefined
    ? atStock(sku, ofStock(id))
    : { to: 'flash-sale', key: flashSaleId, command: ofSale(id) };
};

const reserve: Verb = (purchase, sku) => {
  const { holdUntil: expiresAt, basket } = purchase;
  const { buyerId } = basket;
  const orderId = sellingOrder(purchase, sku);
  const quantity = quantityOf(purchase, sku);
  return atHolder(
    purchase,
    sku,
    (reservationId) => ({ type: 'ReserveStock', reservationId, orderId, quantity, expiresAt }),
    (claimId) => ({ type: 'ClaimAllocation', claimId, buyerId, quantity, expiresAt }),
  );
};

const extend: Verb = (purchase, what) => {
  const [sku = '', round] = what.split('/');
  const expiresAt = holdEnd({ holdUntil: purchase.holdUntil, round: Number(round) });
  return atHolder(
    purchase,
    sku,
    (reservationId) => ({ type: 'ExtendReservation', reservationId, expiresAt }),
    (claimId) => ({ type: 'ExtendClaim', claimId, expiresAt }),
  );
};

const confirmStock: Verb = (purchase, sku) =>
  atHolder(
    purchase,
    sku,
    (reservationId) => ({ type: 'ConfirmReservation', reservationId }),
    (claimId) => ({ type: 'ConfirmClaim', claimId }),
  );

const release: Verb = (purchase, sku) => {
  const reason = reasonOf(purchase);
  return atHolder(
    purchase,
    sku,
    (reservationId) => ({ type: 'ReleaseReservation', reservationId, reason }),
    (claimId) => ({ type: 'ReleaseClaim', claimId, reason }),
  );
};

const create: Verb = (purchase, orderId) => {
  const { basket, checkoutId } = purchase;
  const { sellerId, lines, totals, snapshotHash } = orderOf(purchase, orderId);
  const { buyerId, currency, orderType, shipTo } = basket;
  const order = { checkoutId, buyerId, sellerId, orderType, currency, lines, totals, snapshotHash, shipTo };
  return atOrder(orderId, { type: 'CreateOrder', ...order, by: BY });
};

export const authorisationIdOf = (purchase: Pick<Purchase, 'checkoutId' | 'tender'>): Id =>
  `${purchase.checkoutId}/${authoriseStep(purchase)}`;
const authorise: Verb = (purchase) => {
  const { checkoutId, basket, tender = basket } = purchase;
  const { buyerId, currency, total: amount } = basket;
  const money = { amount, currency, allocations: soldBy(purchase) };
  const how = { method: tender.method!, returnUrl: tender.returnUrl };
  const attemptId = authorisationIdOf(purchase);
  return atPayment(purchase, { type: 'AuthorisePayment', attemptId, checkoutId, buyerId, ...money, ...how });
};

const cancelPayment =
  (attempt: 'cancel' | 'void', evenIfAuthorised: boolean): Verb =>
  (purchase) => {
    const { checkoutId, basket } = purchase;
    const about = { attemptId: `${checkoutId}/${attempt}`, checkoutId, buyerId: basket.buyerId };
    return atPayment(purchase, { type: 'CancelPayment', ...about, evenIfAuthorised, reason: reasonOf(purchase) });
  };

const refund: Verb = (purchase) => {
  const id = `${purchase.checkoutId}/refund`;
  const money = { amount: purchase.basket.total, allocations: allocationsOf(purchase) };
  return atPayment(purchase, {
    type: 'RefundPayment',
    attemptId: id,
    refundId: id,
    rest: true,
    ...money,
    reason: reasonOf(purchase),
  });
};

const cancelOrder: Verb = (purchase, orderId) => {
  const { checkoutId } = purchase;
  return atOrder(orderId, { type: 'CancelOrder', reason: reasonOf(purchase), checkoutId, by: BY });
};

/** Goods that left the shelf for a purchase that did not come to be. */
const takeBack: Verb = (purchase, sku) =>
  atStock(sku, {
    type: 'ReceiveStock',
    receiptId: `${reservationIdOf(purchase.checkoutId, sku)}/return`,
    quantity: quantityOf(purchase, sku),
    reason: 'a sale undone by its checkout',
  });

/** The buyer's own owner decides over all baskets of the buyer at once. */
const atAllowance = ({ basket }: Purchase, command: AllowanceCommand): Addressed => ({
  to: 'allowance',
  key: basket.buyerId,
  command,
});
const claimUnits: Verb = (purchase) => atAllowance(purchase, { type: 'ClaimUnits', units: purchase.basket.limits! });
const releaseUnits: Verb = (purchase) => {
  const orderIds = [...new Set(purchase.basket.limits!.map(({ orderId }) => orderId))];
  return atAllowance(purchase, { type: 'ReleaseUnits', orderIds, reason: reasonOf(purchase) });
};

const atCart = ({ basket }: Purchase, command: CartsCommand): Addressed => ({
  to: 'cart',
  key: basket.cartId!,
  command,
});
const freezeCart: Verb = (purchase) => {
  const units = purchase.basket.demand.map(({ sku, quantity }) => ({ sku, quantity }));
  return atCart(purchase, { type: 'FreezeCart', checkoutId: purchase.checkoutId, units });
};
const thawCart: Verb = (purchase) =>
  atCart(purchase, { type: 'ThawCart', checkoutId: purchase.checkoutId, reason: reasonOf(purchase) });
const checkOutCart: Verb = (purchase) => atCart(purchase, { type: 'CheckOutCart', checkoutId: purchase.checkoutId });

const VERBS: Readonly<Record<string, Verb>> = {
  'freeze-cart': freezeCart,
  'thaw-cart': thawCart,
  'check-out-cart': checkOutCart,
  reserve,
  'claim-units': claimUnits,
  'release-units': releaseUnits,
  create,
  authorise,
  'confirm-order': (_, orderId) => atOrder(orderId, { type: 'ConfirmOrder', by: BY }),
  extend,
  capture: (purchase) => atPayment(purchase, { type: 'CapturePayment', attemptId: `${purchase.checkoutId}/capture` }),
  'confirm-stock': confirmStock,
  'mark-paid': (purchase, orderId) =>
    atOrder(orderId, {
      type: 'MarkPaid',
      paymentId: paymentIdOf(purchase.checkoutId),
      amount: orderOf(purchase, orderId).totals.gross,
      by: BY,
    }),
  'stop-payment': cancelPayment('cancel', false),
  'cancel-payment': cancelPayment('cancel', true),
  'void-payment': cancelPayment('void', true),
  'cancel-order': cancelOrder,
  'cancel-created': cancelOrder,
  release,
  refund,
  return: takeBack,
};

export const outgoingOf = (purchase: Purchase, step: Step): Outgoing<PurchaseCommand> => {
  const slash = step.indexOf('/');
  const [verb, what] = slash < 0 ? [step, ''] : [step.slice(0, slash), step.slice(slash + 1)];
  return { step, ...VERBS[verb]!(purchase, what) };
};
