import { afterAll, expect, test } from '@jest/globals';
import { inventoryItemBehaviour } from '../../actors/roster.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import { emptyStock } from '../../domains/inventory/stock.ts';
import { openStock, receive, reserve } from '../kit/stock.ts';
import { until } from '../kit/until.ts';

const stock = await openStock({ region: { idleAfter: 100 } });
afterAll(() => stock.close());

const confirm = (reservationId: string): InventoryCommand => ({ type: 'ConfirmReservation', reservationId });
const release = (reservationId: string): InventoryCommand => ({
  type: 'ReleaseReservation',
  reservationId,
  reason: 'x',
});
const accepted = { kind: 'accepted' };

test('closed reservations are remembered by their rows after the item has left memory', async () => {
  for (const command of [receive(10), reserve('r1', 2), reserve('r2', 3), confirm('r1'), release('r2'), release('r3')])
    expect(await stock.ask('A', command)).toMatchObject(accepted);
  await until(() => !stock.region.has('A'), { what: 'its leaving' });
  expect(await stock.ask('A', confirm('r1'))).toMatchObject({ ...accepted, version: 6 });
  const closed = (reservationId: string) => ({
    kind: 'rejected',
    rejection: { type: 'ReservationClosed', reservationId, status: 'released' },
  });
  expect(await stock.ask('A', reserve('r2', 3), { resumed: true })).toMatchObject({ ...accepted, version: 6 });
  expect(await stock.ask('A', reserve('r3'), { resumed: true })).toEqual(closed('r3'));
  for (const id of ['r2', 'r3']) expect(await stock.ask('A', confirm(id))).toEqual(closed(id));
  expect(await stock.fromTables('A')).toMatchObject({ state: { onHand: 8, reserved: 0 } });
});

test('only what the rows do not remember is recorded as a command', async () => {
  for (const command of [receive(5), reserve('b1'), reserve('b2'), confirm('b1'), release('b2')])
    expect(await stock.ask('B', command)).toMatchObject(accepted);
  const query = `select id from inventory.commands where aggregate = 'inventory-item/B'`;
  expect(await stock.engine.database.query(query)).toHaveLength(1);
});

test('memory of closed reservations is bounded, but keeps what the tables do not have yet', () => {
  const state = emptyStock();
  for (let i = 0; i < 1_500; i += 1) state.holds.closed.set(`r${i}`, { status: 'released' });
  expect(inventoryItemBehaviour.trim!(state, 100).holds.closed.size).toBe(1_100);
  expect(inventoryItemBehaviour.trim!(state, 0).holds.closed.size).toBe(1_000);
});
