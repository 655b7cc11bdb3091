/** The tables of payments, as MikroORM knows them. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import { rootColumns } from './columns.ts';

const schema = 'payments';
export const PaymentIntent = defineEntity({
  name: 'PaymentIntent',
  schema,
  tableName: 'payment_intents',
  properties: {
    id: p.text().primary(),
    checkoutId: p.text(),
    buyerId: p.text(),
    status: p.text(),
    amount: p.bigint('number'),
    currency: p.text(),
    gateway: p.text().nullable(),
    reference: p.text().nullable(),
    captured: p.bigint('number'),
    refunded: p.bigint('number'),
    code: p.text().nullable(),
    ...rootColumns(),
  },
});
export const PaymentAllocation = defineEntity({
  name: 'PaymentAllocation',
  schema,
  tableName: 'payment_allocations',
  properties: {
    paymentId: p.text().primary(),
    orderId: p.text().primary(),
    sellerId: p.text(),
    amount: p.bigint('number'),
    commission: p.bigint('number'),
    refunded: p.bigint('number'),
    lost: p.bigint('number'),
    earned: p.bigint('number').nullable(),
  },
});
export const PaymentAttempt = defineEntity({
  name: 'PaymentAttempt',
  schema,
  tableName: 'payment_attempts',
  properties: {
    id: p.text().primary(),
    paymentId: p.text(),
    ordinal: p.integer(),
    kind: p.text(),
    status: p.text(),
    amount: p.bigint('number'),
    currency: p.text(),
    token: p.text().nullable(),
    customer: p.text().nullable(),
    returnUrl: p.text().nullable(),
    refundId: p.text().nullable(),
    nextAction: p.json().nullable(),
  },
});
export const PaymentTransaction = defineEntity({
  name: 'PaymentTransaction',
  schema,
  tableName: 'payment_transactions',
  properties: {
    paymentId: p.text().primary(),
    sequence: p.integer().primary(),
    attemptId: p.text(),
    type: p.text(),
    amount: p.bigint('number').nullable(),
    currency: p.text().nullable(),
    reference: p.text().nullable(),
    code: p.text().nullable(),
    at: p.datetime(6),
  },
});
export const Refund = defineEntity({
  name: 'Refund',
  schema,
  tableName: 'refunds',
  properties: {
    id: p.text().primary(),
    paymentId: p.text(),
    attemptId: p.text(),
    amount: p.bigint('number'),
    currency: p.text(),
    reason: p.text(),
    allocations: p.json(),
    at: p.datetime(6),
  },
});
export const LedgerEntry = defineEntity({
  name: 'LedgerEntry',
  schema,
  tableName: 'ledger_entries',
  properties: {
    source: p.text().primary(),
    sequence: p.integer().primary(),
    line: p.integer().primary(),
    paymentId: p.text().nullable(),
    reference: p.text(),
    debit: p.text(),
    credit: p.text(),
    amount: p.bigint('number'),
    currency: p.text(),
    orderId: p.text().nullable(),
    bookedAt: p.datetime(6),
    effectiveAt: p.datetime(6),
  },
});
export const DisputeEntity = defineEntity({
  name: 'Dispute',
  schema,
  tableName: 'disputes',
  properties: {
    paymentId: p.text().primary(),
    reference: p.text().primary(),
    gateway: p.text(),
    amount: p.bigint('number'),
    taken: p.bigint('number'),
    currency: p.text(),
    fee: p.bigint('number'),
    reason: p.text(),
    status: p.text(),
    openedAt: p.datetime(6),
    evidenceDueBy: p.datetime(6).nullable(),
    updatedAt: p.datetime(6),
  },
});
export const TransferEntity = defineEntity({
  name: 'Transfer',
  schema,
  tableName: 'transfers',
  properties: {
    id: p.text().primary(),
    paymentId: p.text(),
    orderId: p.text(),
    sellerId: p.text(),
    kind: p.text(),
    amount: p.bigint('number'),
    currency: p.text(),
    reference: p.text(),
    at: p.datetime(6),
  },
});
export const TransferPayout = defineEntity({
  name: 'TransferPayout',
  schema,
  tableName: 'transfer_payouts',
  properties: {
    transferId: p.text().primary(),
    step: p.text().primary(),
    payoutId: p.text(),
    reference: p.text().nullable(),
    at: p.datetime(6),
  },
});
export const paymentEntities = [
  PaymentIntent,
  PaymentAllocation,
  PaymentAttempt,
  PaymentTransaction,
  Refund,
  LedgerEntry,
  DisputeEntity,
  TransferEntity,
  TransferPayout,
];
