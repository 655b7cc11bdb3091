/** What one buyer may have of a limited product: the rules as sentences, the policy, and the tables. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allowanceBehaviour } from '../../actors/roster.ts';
import { allowanceEntities, allowancesTable } from '../../adapters/postgres/allowances.table.ts';
import type { AllowanceCommand, AllowanceEvent } from '../../contracts/allowances.ts';
import type { OrderEvent } from '../../contracts/orders.ts';
import { priceBasket } from '../../domains/checkout/basket.ts';
import { afterOrder } from '../../domains/products/allowance.policy.ts';
import { allowance } from '../../domains/products/allowance.ts';
import { frame, product, tools } from '../checkout/baskets.ts';
import { given } from '../kit/given.ts';
import { openRegion } from '../kit/region.ts';

const noon = '2026-03-01T12:00:00.000Z';
const rules = allowance('b1');
const unit = (orderId: string, quantity: number, more = {}) => ({
  orderId,
  productId: 'mug',
  quantity,
  most: 3,
  ...more,
});
const claim = (...units: ReturnType<typeof unit>[]): AllowanceCommand => ({ type: 'ClaimUnits', units });
const claimed = (orderId: string, quantity: number): AllowanceEvent => ({
  type: 'UnitsClaimed',
  buyerId: 'b1',
  orderId,
  units: [{ productId: 'mug', quantity }],
  at: noon,
});
const released = (orderId: string, ...units: { productId: string; quantity: number }[]): AllowanceEvent => ({
  type: 'UnitsReleased',
  buyerId: 'b1',
  orderId,
  units,
  reason: 'gone',
  at: noon,
});
const knowing = (...events: AllowanceEvent[]) => given(rules, ...events).at(noon);

describe('a buyer', () => {
  test('has as many as the product says, in all orders together, and not one more', () => {
    knowing()
      .when(claim(unit('o1', 3)))
      .thenEvents({ type: 'UnitsClaimed', orderId: 'o1' });
    knowing(claimed('o1', 2))
      .when(claim(unit('o2', 1)))
      .thenEvents({ type: 'UnitsClaimed' });
    knowing(claimed('o1', 2))
      .when(claim(unit('o2', 2)))
      .thenRejects({ type: 'LimitExceeded', most: 3, held: 2, requested: 2 });
    knowing()
      .when(claim(unit('o1', 2), unit('o2', 2)))
      .thenRejects({ type: 'LimitExceeded', held: 0, requested: 4 });
  });
  test('is held to the limit of today, and to each product by itself', () => {
    knowing(claimed('o1', 2))
      .when(claim(unit('o2', 1, { most: 2 })))
      .thenRejects({ type: 'LimitExceeded', most: 2 });
    knowing(claimed('o1', 3))
      .when(claim(unit('o2', 3, { productId: 'cup' })))
      .thenEvents({ type: 'UnitsClaimed' });
  });
  test('claims all of a basket or nothing', () =>
    knowing(claimed('o1', 3))
      .when(claim(unit('o2', 1, { productId: 'cup' }), unit('o3', 1)))
      .thenRejects({ type: 'LimitExceeded', productId: 'mug' }));
  test('gets back what was released or returned, once', () => {
    const release: AllowanceCommand = { type: 'ReleaseUnits', orderIds: ['o1'], reason: 'payment-declined' };
    const back: AllowanceCommand = { type: 'ReturnUnits', orderId: 'o1', reason: 'cancelled' };
    for (const command of [release, back]) {
      knowing(claimed('o1', 3))
        .when(command)
        .thenEvents({ type: 'UnitsReleased', units: [{ productId: 'mug', quantity: 3 }] });
      knowing(claimed('o1', 3), released('o1', { productId: 'mug', quantity: 3 }))
        .when(command)
        .thenNothing();
    }
    knowing(claimed('o1', 3), released('o1', { productId: 'mug', quantity: 3 }))
      .when(claim(unit('o2', 3)))
      .thenEvents({ type: 'UnitsClaimed' });
    knowing().when(back).thenNothing();
  });
});

describe('a claim that comes again', () => {
  test('is answered as it was, also when it was released since, and takes nothing', () => {
    knowing(claimed('o1', 3))
      .when(claim(unit('o1', 3)))
      .thenNothing();
    knowing(claimed('o1', 3), released('o1', { productId: 'mug', quantity: 3 }))
      .when(claim(unit('o1', 3)))
      .thenNothing();
  });
  test('after its release overtook it, is refused', () => {
    knowing()
      .when({ type: 'ReleaseUnits', orderIds: ['o1'], reason: 'gone' })
      .thenEvents({ type: 'UnitsReleased', units: [] });
    knowing(released('o1'))
      .when(claim(unit('o1', 1)))
      .thenRejects({ type: 'AllowanceClosed', orderId: 'o1' });
  });
});

test('variants of a product count together; products without a limit do not count', () => {
  const mug = product(1, { maxPerUser: 4 });
  const variants = ['A', 'B'].map((sku) => ({ ...mug.variants[0]!, variantId: sku, sku }));
  const rows = [{ ...mug, variants }, product(2)];
  const lines = ['A', 'SKU-2', 'B', 'A'].map((sku) => ({ sku, quantity: 2 }));
  const { basket } = priceBasket(frame, lines, rows, tools('c1'));
  expect(basket!.limits).toEqual([{ orderId: 'c1/1', productId: 'P-1', quantity: 6, most: 4 }]);
  expect(priceBasket(frame, [{ sku: 'SKU-2', quantity: 2 }], rows, tools('c1')).basket).not.toHaveProperty('limits');
});

describe('an order gives its units back', () => {
  const event = (type: OrderEvent['type'], to = 'cancelled') =>
    ({ type, orderId: 'o1', buyerId: 'b1', to }) as OrderEvent;
  test.each([
    ['OrderCancelled', 'cancelled', 1],
    ['OrderExpired', 'expired', 1],
    ['OrderRefunded', 'refunded', 1],
    ['OrderRefunded', 'paid', 0],
    ['OrderPaid', 'paid', 0],
    ['OrderDelivered', 'delivered', 0],
  ] as const)('%s to %s: %i', (type, to, commands) => expect(afterOrder(event(type, to))).toHaveLength(commands));
});

describe('in its tables', () => {
  const home = { behaviour: allowanceBehaviour, mapping: allowancesTable, entities: allowanceEntities };
  let shares: Awaited<ReturnType<typeof open>>;
  const open = () => openRegion(home);
  beforeAll(async () => {
    shares = await open();
  });
  afterAll(() => shares.close());

  test('a share comes back as it was, with released units and tombstones', async () => {
    const buyer = randomUUID();
    const commands: AllowanceCommand[] = [
      claim(unit('o1', 1), unit('o2', 1, { productId: 'cup' }), unit('o2', 2)),
      { type: 'ReleaseUnits', orderIds: ['o2', 'o9'], reason: 'gone' },
      claim(unit('o3', 2)),
      { type: 'ReturnUnits', orderId: 'o1', reason: 'cancelled' },
    ];
    for (const command of commands) {
      expect(await shares.ask(buyer, command)).toMatchObject({ kind: 'accepted' });
      await shares.reloaded(buyer);
    }
    const { orders } = await shares.reloaded(buyer);
    expect([...orders].map(([id, { status, units }]) => [id, status, units.length]).sort()).toEqual([
      ['o1', 'released', 1],
      ['o2', 'released', 2],
      ['o3', 'held', 1],
      ['o9', 'released', 0],
    ]);
  });

  test('of many baskets at once as many come through as the limit allows', async () => {
    const buyer = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => shares.ask(buyer, claim(unit(`o${n}`, 1)))));
    expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(3);
    await shares.reloaded(buyer);
  });
});
