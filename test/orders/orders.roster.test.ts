import { afterAll, expect, test } from '@jest/globals';
import { orderBehaviour } from '../../actors/roster.ts';
import { orderEntities, ordersTable } from '../../adapters/postgres/orders.table.ts';
import type { OrderCommand } from '../../contracts/orders.ts';
import { openRegion } from '../kit/region.ts';
import { until } from '../kit/until.ts';

const orders = await openRegion(
  { behaviour: orderBehaviour, mapping: ordersTable, entities: orderEntities },
  { region: { idleAfter: 100 } },
);
afterAll(() => orders.close());

const by = 'checkout';
const totals = { net: 1_000, discount: 0, tax: 0, shipping: 0, gross: 1_000 };
const product = { productId: 'p1', variantId: 'v1', sku: 'SKU-1', title: 'Tea', attributes: { size: 'S' } };
const create: OrderCommand = {
  type: 'CreateOrder',
  checkoutId: 'c1',
  buyerId: 'b1',
  sellerId: 's1',
  orderType: 'prepaid',
  currency: 'USD',
  lines: [{ line: 1, ...product, quantity: 2, unitPrice: 500, totals }],
  totals,
  snapshotHash: 'abc',
  shipTo: { name: 'Ada', line1: 'Main Street 1', city: 'London', country: 'GB' },
  by,
};
const confirm: OrderCommand = { type: 'ConfirmOrder', by };
const pay: OrderCommand = { type: 'MarkPaid', paymentId: 'pay-1', amount: 1_000, by };
const refund = (amount: number): OrderCommand => ({ type: 'RecordRefund', refundId: `r${amount}`, amount, by });
const later: readonly OrderCommand[] = [
  { type: 'MarkShipped', shipmentId: 'sh1', by },
  { type: 'MarkDelivered', shipmentId: 'sh1', by },
  { type: 'CloseOrder', by },
  refund(400),
  refund(600),
];

/** Runs the commands, each compared with the tables; whether the order was settled after each of them. */
const settledAfter = async (key: string, ...commands: readonly OrderCommand[]): Promise<boolean[]> => {
  const settled: boolean[] = [];
  for (const command of commands) {
    expect(await orders.ask(key, command)).toMatchObject({ kind: 'accepted' });
    settled.push(orderBehaviour.settled!(await orders.reloaded(key)));
  }
  return settled;
};

test('an order comes back from its tables after every step, and rests where nothing is expected', async () => {
  const settled = await settledAfter('o1', create, confirm, pay, ...later);
  expect(settled).toEqual([false, false, true, false, false, true, true, true]);
});

test.each<OrderCommand>([
  { type: 'CancelOrder', reason: 'changed my mind', by: 'b1' },
  { type: 'ExpireOrder', reason: 'unpaid', by: 'job' },
])('so it does after $type', async (command) =>
  expect(await settledAfter(command.type, create, command)).toEqual([false, true]),
);

test('and so it does after a refund that overtook the word of its payment', async () => {
  const early = { ...refund(400), paymentId: 'pay-1' } as OrderCommand;
  expect(await settledAfter('o3', create, confirm, early, pay)).toEqual([false, false, true, true]);
  const history = await orders.engine.database.query(
    `select to_status from orders.order_status_history where order_id = 'o3' order by sequence`,
  );
  expect(history.map(({ to_status }) => to_status)).toEqual(['created', 'confirmed', 'paid', 'paid']);
});

test('its own row remembers the creation, also when it has left memory, and no command is recorded', async () => {
  await settledAfter('o2', create);
  await until(() => !orders.region.has('o2'), { what: 'its leaving' });
  const again = await orders.ask('o2', create);
  expect(again).toMatchObject({ kind: 'accepted', version: 1 });
  const other = await orders.ask('o2', { ...create, snapshotHash: 'other' } as OrderCommand);
  expect(other).toMatchObject({ kind: 'rejected', rejection: { type: 'OrderIdTaken' } });
  const rows = await orders.engine.database.query(
    `select rejection from orders.commands where aggregate = 'order/o2' and rejection is null`,
  );
  expect(rows).toEqual([]);
});
