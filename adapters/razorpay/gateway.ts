/**
 * Razorpay: an order is what the buyer pays in its checkout; the payment is authorised there and captured by us. Found by
 * the order's receipt, which follows from the attempt. There is no way to void an authorisation: a cancelled order is marked
 * as such, what was authorised for it is never captured, and falls back to the buyer when its time is over.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Cancellation, CheckoutProof, Gateway, GatewayQuestion } from '../../actors/ports/gateway.ts';
import type { GatewayResult } from '../../contracts/payments.ts';
import { failed, ifThere, openRazorpay, orTrouble, type RazorpayOptions, receiptOf, refusalIn } from './client.ts';
import { disputesOf, movementsOf, transfersOf } from './desks.ts';
import { type Listed, noteOf, type Order, OURS, type Payment, type Refund } from './entities.ts';

/** Three-decimal currencies end in 0 here, too; a rounded amount would not be the order's. */
const STEP: Readonly<Record<string, number>> = { BHD: 10, KWD: 10, OMR: 10, JOD: 10, TND: 10 };
const isExact = (amount: number, currency: string): boolean => amount % (STEP[currency] ?? 1) === 0;
const NOT_EXACT = failed({ code: 'amount_not_supported', message: 'Razorpay cannot take exactly this amount.' });
/** Minutes: the least and the most that Razorpay waits for a capture. */
const [LEAST, MOST] = [12, 7_200];

const succeeded = ({ id, amount, currency }: Payment | Refund, fee?: number | null): GatewayResult => ({
  outcome: 'succeeded',
  reference: id,
  amount,
  currency,
  fee: fee ?? undefined,
});
const captureOf = (payment: Payment): GatewayResult | undefined => {
  if (payment.status === 'captured' || payment.status === 'refunded') return succeeded(payment, payment.fee);
  return payment.status === 'failed'
    ? failed({ code: 'not_authorised', message: 'It failed.' }, payment.id)
    : undefined;
};
const refundOf = (refund: Refund): GatewayResult => {
  if (refund.status === 'processed') return succeeded(refund);
  if (refund.status === 'pending') return { outcome: 'pending', reference: refund.id };
  return failed({ code: 'refund_failed', message: 'The refund failed.' }, refund.id);
};
const isHeld = ({ status }: Payment): boolean =>
  status === 'authorized' || status === 'captured' || status === 'refunded';

export const razorpayGateway = (options: RazorpayOptions): Gateway => {
  const razorpay = openRazorpay(options);
  const { orders, payments } = razorpay;

  const orderById = (id: string) => ifThere(orders.fetch(id) as unknown as Promise<Order>);
  const paymentById = (id: string) => ifThere(payments.fetch(id) as unknown as Promise<Payment>);
  const orderByKey = async (key: string): Promise<Order | undefined> => {
    const receipt = receiptOf(key);
    const { items } = (await orTrouble(orders.all({ receipt }))) as unknown as Listed<Order>;
    return items.find((order) => order.receipt === receipt);
  };
  /** The order and what was paid for it, by whatever name is known. */
  const stand = async (reference: string | undefined, key: string) => {
    const named = reference?.startsWith('pay_') ? await paymentById(reference) : undefined;
    const orderId = named?.order_id ?? (reference?.startsWith('order_') ? reference : undefined);
    const given = orderId ? await orderById(orderId) : undefined;
    // The name may be that of an earlier attempt.
    const order = given?.receipt === receiptOf(key) ? given : await orderByKey(key);
    if (!order) return undefined;
    const { items } = (await orTrouble(orders.fetchPayments(order.id))) as unknown as Listed<Payment>;
    return { order, payment: items.find(isHeld) };
  };
  const open = ({ id }: Order): GatewayResult => ({
    outcome: 'requires-action',
    reference: id,
    nextAction: { type: 'checkout', gateway: 'razorpay', order: id, key: options.keyId },
  });

  const FIND: Readonly<
    Record<GatewayQuestion['kind'], (asked: GatewayQuestion) => Promise<GatewayResult | undefined>>
  > = {
    authorise: async ({ reference, key }) => {
      const found = await stand(reference, key);
      if (!found) return undefined;
      if (found.payment) return succeeded(found.payment);
      const isOver = noteOf(found.order.notes, OURS.cancelled) !== undefined;
      return isOver ? failed({ code: 'cancelled', message: 'cancelled.' }, found.order.id) : open(found.order);
    },
    capture: async ({ reference }) => {
      const payment = reference ? await paymentById(reference) : undefined;
      return payment && captureOf(payment);
    },
    cancel: async ({ reference, authorisationKey, amount, currency }) => {
      const found = await stand(reference, authorisationKey);
      if (!found) return undefined;
      if (found.payment && found.payment.status !== 'authorized')
        return failed({ code: 'already_captured', message: 'It was captured.' }, found.payment.id);
      const isOver = noteOf(found.order.notes, OURS.cancelled) !== undefined;
      return isOver ? { outcome: 'succeeded', reference: found.order.id, amount, currency } : undefined;
    },
    refund: async ({ key, reference }) => {
      if (!reference) return undefined;
      const receipt = receiptOf(key);
      for (let skip = 0; ; skip += 100) {
        const page = orTrouble(payments.fetchMultipleRefund(reference, { count: 100, skip }));
        const { items } = (await page) as unknown as Listed<Refund>;
        const ours = items.find((refund) => refund.receipt === receipt);
        if (ours) return refundOf(ours);
        if (items.length < 100) return undefined;
      }
    },
  };
  const find = (asked: GatewayQuestion) => FIND[asked.kind](asked);

  return {
    name: 'razorpay',
    can: { captureParts: false, cancel: 'lapses', pays: 'checkout' },
    find,
    authorise: async ({ key, paymentId, amount, currency }) => {
      if (!isExact(amount, currency)) return NOT_EXACT;
      // Razorpay makes another order each time it is asked to: the receipt is our key only if we look.
      const before = await FIND.authorise({
        key,
        paymentId,
        amount,
        currency,
        kind: 'authorise',
        authorisationKey: key,
      });
      if (before) return before;
      const minutes = Math.ceil(options.payWithin / 60_000) + LEAST;
      const order = {
        amount,
        currency,
        receipt: receiptOf(key),
        notes: { [OURS.key]: key, [OURS.payment]: paymentId },
        payment: {
          capture: 'manual',
          capture_options: { manual_expiry_period: Math.min(minutes, MOST), refund_speed: 'normal' },
        },
      };
      try {
        return open((await orders.create(order as never)) as unknown as Order);
      } catch (error) {
        return failed(refusalIn(error));
      }
    },
    capture: async (call) => {
      const asked: GatewayQuestion = { ...call, kind: 'capture', authorisationKey: call.key };
      try {
        const made = (await payments.capture(call.reference, call.amount, call.currency)) as unknown as Payment;
        return captureOf(made) ?? { outcome: 'pending', reference: made.id };
      } catch (error) {
        const refusal = refusalIn(error);
        return (await find(asked)) ?? failed(refusal, call.reference);
      }
    },
    cancel: async (call: Cancellation) => {
      const asked: GatewayQuestion = { ...call, kind: 'cancel' };
      const before = await find(asked);
      if (before) return before;
      const { amount, currency } = call;
      const found = await stand(call.reference, call.authorisationKey);
      // Should the order appear later after all, its payment finds the purchase cancelled and is never captured.
      if (!found) return { outcome: 'succeeded', reference: '', amount, currency };
      const { order } = found;
      const notes = { ...(Array.isArray(order.notes) ? {} : order.notes), [OURS.cancelled]: receiptOf(call.key) };
      await orTrouble(orders.edit(order.id, { notes } as never));
      return { outcome: 'succeeded', reference: order.id, amount, currency };
    },
    refund: async (call) => {
      const { key, reference, amount, paymentId } = call;
      const refund = {
        amount,
        speed: 'normal',
        receipt: receiptOf(key),
        notes: { [OURS.key]: key, [OURS.payment]: paymentId },
      };
      try {
        return refundOf((await payments.refund(reference, refund as never)) as unknown as Refund);
      } catch (error) {
        const refusal = refusalIn(error);
        const asked: GatewayQuestion = { ...call, kind: 'refund', authorisationKey: key };
        return (await find(asked)) ?? failed(refusal, reference);
      }
    },
    proves: ({ reference, payment, signature }: CheckoutProof) => {
      const wanted = createHmac('sha256', options.keySecret).update(`${reference}|${payment}`).digest();
      return /^[0-9a-f]{64}$/.test(signature) && timingSafeEqual(wanted, Buffer.from(signature, 'hex'));
    },
    transfers: transfersOf(razorpay),
    disputes: disputesOf(razorpay),
    movements: (period) => movementsOf(razorpay, period),
  };
};
