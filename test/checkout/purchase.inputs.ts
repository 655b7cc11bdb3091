/** What a purchase of three of SKU-1 and one of SKU-2 is told, stage by stage. */
import type { PaymentEvent } from '../../contracts/payments.ts';
import { type PurchaseInput, purchase } from '../../domains/checkout/purchase.saga.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';
import { givenSaga } from '../kit/given.ts';
import { basketOf } from './baskets.ts';

export const noon = '2026-03-01T12:00:00.000Z';
export const deadline = plus(noon, minutes(10));
export const holdUntil = plus(noon, minutes(15));
export const saga = purchase('c1');
export const two = [
  { sku: 'SKU-2', quantity: 1 },
  { sku: 'SKU-1', quantity: 3 },
];
export const started = (orderType: 'prepaid' | 'cash-on-delivery' = 'prepaid'): PurchaseInput => ({
  type: 'Started',
  start: { basket: basketOf('c1', two, { orderType }), deadline, holdUntil },
});
export const ok = (step: string, reply?: unknown): PurchaseInput => ({ type: 'Accepted', step, reply });
export const no = (step: string, type: string, rest: object = {}): PurchaseInput => ({
  type: 'Rejected',
  step,
  rejection: { type, ...rest },
});
export const nextAction = { type: 'redirect', url: 'https://bank.example/3ds' } as const;
export const about = { paymentId: 'pay-c1', checkoutId: 'c1', buyerId: 'buyer', attemptId: 'c1/authorise', at: noon };
export const money = { amount: 500, currency: 'USD', gatewayReference: 'g1' };
export const FACTS = {
  authorised: { type: 'PaymentAuthorized', ...about, ...money },
  challenged: { type: 'PaymentActionRequired', ...about, nextAction, gatewayReference: 'g1' },
  failed: { type: 'PaymentFailed', ...about, code: 'card_declined', message: 'no' },
  cancelled: { type: 'PaymentCancelled', ...about, reason: 'why' },
  captured: { type: 'PaymentCaptured', ...about, ...money, postings: [] },
  captureFailed: { type: 'CaptureFailed', ...about, code: 'expired', message: 'no' },
} as const satisfies Record<string, PaymentEvent>;
export const fact = (name: keyof typeof FACTS): PurchaseInput => ({ type: 'Fact', fact: FACTS[name] as PaymentEvent });
export const late: PurchaseInput = { type: 'DeadlinePassed' };
export const stop: PurchaseInput = { type: 'Requested', request: { type: 'CancelCheckout', reason: 'too dear' } };

export const reserved = [started(), ok('reserve/SKU-1'), ok('reserve/SKU-2')];
export const created = [...reserved, ok('create/c1/1'), ok('create/c1/2')];
export const paying = [...created, ok('authorise', { status: 'processing' })];
export const confirming = [...paying, fact('authorised')];
export const capturing = [...confirming, ok('confirm-order/c1/1'), ok('confirm-order/c1/2')];
export const settling = [...capturing, ok('capture', { status: 'capturing' }), fact('captured')];
export const settled = ['confirm-stock/SKU-1', 'mark-paid/c1/2', 'mark-paid/c1/1', 'confirm-stock/SKU-2'].map((step) =>
  ok(step),
);
export const told = (...inputs: readonly PurchaseInput[]) => givenSaga(saga, noon, ...inputs);
