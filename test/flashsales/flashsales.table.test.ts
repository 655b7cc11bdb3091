import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { flashSaleBehaviour } from '../../actors/roster.ts';
import { flashSaleEntities, flashSalesTable } from '../../adapters/postgres/flashsales.table.ts';
import type { FlashSaleCommand } from '../../contracts/flashsales.ts';
import { claimsOf } from '../../domains/flashsales/claims.ts';
import type { FlashSale } from '../../domains/flashsales/sale-state.ts';
import { openRegion } from '../kit/region.ts';

const mapping = flashSalesTable(claimsOf);
const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

const sales = await openRegion({
  behaviour: flashSaleBehaviour(() => undefined),
  mapping,
  entities: flashSaleEntities,
});
afterAll(() => sales.close());

const schedule: FlashSaleCommand = {
  type: 'ScheduleFlashSale',
  sellerId: 'seller',
  productId: 'p1',
  variantId: 'v1',
  sku: 'LAMP',
  prices: [
    { currency: 'USD', sale: 900, original: 1000 },
    { currency: 'KWD', sale: 1, original: 3_000 },
  ],
  startsAt: at(-60),
  endsAt: at(3600),
  allocation: 5,
  maxPerBuyer: 3,
  by: 'seller',
};
const claim = (claimId: string, buyerId: string, quantity = 1): FlashSaleCommand => ({
  type: 'ClaimAllocation',
  claimId,
  buyerId,
  quantity,
  expiresAt: at(900),
});
/** What is to be told from the tables alone. Closed claims and the queue are memory's own. */
const told = (sale: FlashSale) => {
  const { claims, ...terms } = sale;
  const { open, taken, former } = claims;
  return { ...terms, open: [...open].sort(), taken: [...taken].sort(), former: [...former].sort() };
};
const stateOf = async (saleId: string): Promise<FlashSale> => {
  const live = await sales.region.see(saleId, (state) => state as FlashSale);
  const stored = (await sales.fromTables(saleId))!.state as FlashSale;
  expect(told(stored)).toEqual(told(live));
  return stored;
};
/** Each command commits, and the tables tell what the instance knows. */
const run = async (saleId: string, ...commands: readonly FlashSaleCommand[]): Promise<FlashSale> => {
  for (const command of commands) {
    expect(await sales.ask(saleId, command)).toMatchObject({ kind: 'accepted' });
    await stateOf(saleId);
  }
  return stateOf(saleId);
};
const open = async (): Promise<string> => {
  const saleId = randomUUID();
  await run(saleId, schedule, { type: 'GrantAllocation' });
  return saleId;
};

describe('a sale comes back from the tables as it was', () => {
  test('with its terms', async () => {
    const saleId = await open();
    const { claims, ...terms } = await stateOf(saleId);
    const { type: _, by: __, ...asked } = schedule as Extract<FlashSaleCommand, { type: 'ScheduleFlashSale' }>;
    expect(terms).toEqual({ ...asked, stage: 'open', held: 0, sold: 0 });
    expect(claims.open.size).toBe(0);
  });

  test('with open claims, and what each buyer has taken', async () => {
    const saleId = await open();
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    const state = await run(
      saleId,
      claim(a, 'ann', 2),
      claim(b, 'bob'),
      claim(c, 'cy'),
      { type: 'ConfirmClaim', claimId: a },
      { type: 'ReleaseClaim', claimId: c, reason: 'declined' },
    );
    expect([state.held, state.sold, [...state.claims.open.keys()]]).toEqual([1, 2, [b]]);
    expect([...state.claims.taken].sort()).toEqual([
      ['ann', 2],
      ['bob', 1],
    ]);
  });

  test('a repeated claim is told what it was told, though it was sold since', async () => {
    const saleId = await open();
    const id = randomUUID();
    await run(saleId, claim(id, 'ann', 2), { type: 'ConfirmClaim', claimId: id });
    const again = await sales.region.ask(saleId, claim(id, 'ann', 2), {
      id: 'other',
      correlationId: 'x',
      resumed: true,
    });
    expect(again).toMatchObject({ kind: 'accepted' });
    expect((await stateOf(saleId)).sold).toBe(2);
  });

  test('a release that overtook its claim is remembered', async () => {
    const saleId = await open();
    const id = randomUUID();
    await run(saleId, { type: 'ReleaseClaim', claimId: id, reason: 'gone' });
    const late = await sales.region.ask(saleId, claim(id, 'ann'), { id: `l-${id}`, correlationId: 'x', resumed: true });
    expect(late).toMatchObject({ kind: 'rejected', rejection: { type: 'ClaimClosed' } });
  });
});

test('five hundred at once for five units: five get one', async () => {
  const saleId = await open();
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, i) => sales.ask(saleId, claim(`${saleId}-${i}`, `buyer-${i}`))),
  );
  expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(5);
  const state = await stateOf(saleId);
  expect([state.held, state.claims.open.size, state.claims.taken.size]).toEqual([5, 5, 5]);
});
