/** Who comes too late is told so from memory: thousands of them cost Postgres nothing. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FlashSales } from '../../actors/flash-sales.ts';
import { flashSaleBehaviour } from '../../actors/roster.ts';
import { Watchers } from '../../actors/watchers.ts';
import { flashPurchase } from '../../adapters/http/flashsales.purchase.ts';
import { flashSaleEntities, flashSalesTable } from '../../adapters/postgres/flashsales.table.ts';
import type { FlashSaleCommand } from '../../contracts/flashsales.ts';
import { claimsOf } from '../../domains/flashsales/claims.ts';
import { send, startEdge, type TestEdge } from '../kit/edge.ts';
import { counted } from '../kit/queries.ts';
import { openRegion } from '../kit/region.ts';
import { createWorld } from '../kit/world.ts';
import { terms } from './lamp.ts';

const sales = await openRegion({
  behaviour: flashSaleBehaviour(() => undefined),
  mapping: flashSalesTable(claimsOf),
  entities: flashSaleEntities,
});
const at = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

let edge: TestEdge;
beforeAll(async () => {
  const desk = new FlashSales(sales.region, new Watchers(), sales.engine.clock);
  edge = await startEdge([flashPurchase({ ...createWorld().ports, flashSales: desk })]);
});
afterAll(async () => {
  await edge?.close();
  await sales.close();
});

/** A sale of one piece, which somebody has. */
const soldOut = async (): Promise<string> => {
  const saleId = randomUUID();
  const scheduled = { ...terms, startsAt: at(-60), endsAt: at(3_600), allocation: 1, maxPerBuyer: 1 };
  const taken = { claimId: `${saleId}/1`, buyerId: 'first', quantity: 1, expiresAt: at(900) };
  const commands: FlashSaleCommand[] = [
    { type: 'ScheduleFlashSale', ...scheduled, sku: 'LAMP' },
    { type: 'GrantAllocation' },
    { type: 'ClaimAllocation', ...taken },
  ];
  for (const command of commands) expect(await sales.ask(saleId, command)).toMatchObject({ kind: 'accepted' });
  return saleId;
};

test('a hundred buyers of what is sold out, and again under their keys: refused, without one statement', async () => {
  const path = `/api/v1/flash-sales/${await soldOut()}/purchases`;
  const buyers = await Promise.all(Array.from({ length: 100 }, (_, n) => edge.tokenFor(`late-${n}`, 'customer')));
  const body = { currency: 'USD', payment: { token: 'tok_success' } };
  const ask = (as: string, n: number) => send(edge, 'POST', path, { as, key: `late-${n}`, body });
  const statements = await counted(/flashsales|checkout|commands|outbox/, async () => {
    for (let tries = 0; tries < 2; tries += 1) {
      const answers = await Promise.all(buyers.map(ask));
      expect(new Set(answers.map(({ status, json }) => `${status} ${json.code}`))).toEqual(new Set(['409 sold_out']));
    }
  });
  expect(statements).toBe(0);
});

test('the statements are counted: who has bought may be repeating it, and is looked up', async () => {
  const path = `/api/v1/flash-sales/${await soldOut()}/purchases`;
  const as = await edge.tokenFor('first', 'customer');
  const body = { currency: 'USD', payment: { token: 'tok_success' } };
  const statements = await counted(/flashsales|checkout|commands|outbox/, async () => {
    expect((await send(edge, 'POST', path, { as, key: 'again', body })).status).toBe(409);
  });
  expect(statements).toBeGreaterThan(0);
});
