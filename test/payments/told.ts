/** One payment of two orders, and what it may be told. */
import type { GatewayResult, PaymentCommand, PaymentEvent } from '../../contracts/payments.ts';
import { paymentIntent } from '../../domains/payments/payment-intent.ts';
import { replay } from '../kit/given.ts';

export const now = '2026-03-01T12:00:00.000Z';
export const rules = paymentIntent('pay-c1');
export const allocations = [
  { orderId: 'o1', sellerId: 's1', amount: 700 },
  { orderId: 'o2', sellerId: 's2', amount: 300 },
];
export const authorise = (attemptId = 'c1/authorise') =>
  ({
    type: 'AuthorisePayment',
    attemptId,
    checkoutId: 'c1',
    buyerId: 'b1',
    amount: 1_000,
    currency: 'USD',
    allocations,
    method: { token: 'tok_ok' },
  }) as const;
export const capture: PaymentCommand = { type: 'CapturePayment', attemptId: 'c1/capture' };
export const cancel = (evenIfAuthorised: boolean, attemptId = 'c1/cancel') =>
  ({ type: 'CancelPayment', attemptId, checkoutId: 'c1', buyerId: 'b1', evenIfAuthorised, reason: 'why' }) as const;
export const refund = (refundId: string, amount: number, orderId = 'o1', sellerId = 's1'): PaymentCommand => ({
  type: 'RefundPayment',
  attemptId: refundId,
  refundId,
  amount,
  reason: 'broken',
  allocations: [{ orderId, sellerId, amount }],
});

export const success = (amount = 1_000, currency = 'USD'): GatewayResult => ({
  outcome: 'succeeded',
  reference: 'g1',
  amount,
  currency,
});
export const challenge: GatewayResult = {
  outcome: 'requires-action',
  reference: 'g1',
  nextAction: { type: 'redirect', url: 'https://bank.example/3ds' },
};
export const failure: GatewayResult = { outcome: 'failed', code: 'card_declined', message: 'no' };
export const result = (attemptId: string, gateway: GatewayResult): PaymentCommand => ({
  type: 'RecordResult',
  attemptId: `c1/${attemptId}`,
  result: gateway,
});

/** The events of a payment that was told these commands; every one of them must be accepted. */
export const told = (...commands: readonly PaymentCommand[]): PaymentEvent[] => {
  const events: PaymentEvent[] = [];
  for (const command of commands) {
    const { events: more, rejection } = rules.decide(command, replay(rules, events), now);
    if (more === undefined) throw new Error(JSON.stringify(rejection));
    events.push(...more);
  }
  return events;
};
export const authorised = [authorise(), result('authorise', success())];
export const captured = [...authorised, capture, result('capture', success())];
export const stateOf = (...commands: readonly PaymentCommand[]) => replay(rules, told(...commands));
