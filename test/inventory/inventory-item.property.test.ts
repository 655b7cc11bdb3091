import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { InventoryCommand, InventoryEvent } from '../../contracts/inventory.ts';
import { inventoryItem } from '../../domains/inventory/inventory-item.ts';
import type { InventoryState } from '../../domains/inventory/stock.ts';
import { plus } from '../../domains/kernel/time.ts';
import { replay } from '../kit/given.ts';

const start = '2026-03-01T12:00:00.000Z';
const item = inventoryItem('TEA-1');
const reservationId = fc.integer({ min: 1, max: 8 }).map((n) => `h${n}`);
const quantity = fc.integer({ min: 1, max: 6 });
/** Minutes from the start. */
const minute = fc.integer({ min: 0, max: 60 });
const until = minute.map((n) => plus(start, n * 60_000));

const command: fc.Arbitrary<InventoryCommand> = fc.oneof(
  fc.record({ type: fc.constant('ReceiveStock' as const), receiptId: fc.constant('r'), quantity }),
  fc.record({
    type: fc.constant('AdjustStock' as const),
    adjustmentId: fc.constant('a'),
    delta: fc.integer({ min: -8, max: 8 }),
    reason: fc.constant('why'),
  }),
  fc.record({ type: fc.constant('ReconcileStock' as const), countId: fc.constant('c'), counted: fc.nat(12) }),
  fc.record({
    type: fc.constant('ReserveStock' as const),
    reservationId,
    orderId: fc.constant('o'),
    quantity,
    expiresAt: until,
  }),
  fc.record({ type: fc.constant('ExtendReservation' as const), reservationId, expiresAt: until }),
  fc.record({ type: fc.constant('ConfirmReservation' as const), reservationId }),
  fc.record({ type: fc.constant('ReleaseReservation' as const), reservationId, reason: fc.constant('why') }),
  fc.record({ type: fc.constant('ExpireReservations' as const) }),
);
const moves = fc.array(fc.record({ command, wait: fc.nat(4) }), { maxLength: 60 });

const heldIn = (state: InventoryState) =>
  [...state.holds.open.values()].reduce((sum, { quantity }) => sum + quantity, 0);

const checkFigures = (state: InventoryState) => {
  expect(state.reserved).toBe(heldIn(state));
  expect(state.reserved).toBeGreaterThanOrEqual(0);
  expect(state.onHand - state.reserved).toBeGreaterThanOrEqual(0);
};
const checkEvent = (event: InventoryEvent) => {
  if (!('onHand' in event)) return;
  expect(event.reserved).toBeGreaterThanOrEqual(0);
  expect(event.onHand).toBeGreaterThanOrEqual(event.reserved);
};

type Moves = typeof moves extends fc.Arbitrary<infer All> ? All : never;
/** All of it is said as time passes: what each decision made, and the state after it. No events: it was refused. */
function* told(all: Moves) {
  let state = item.initial();
  let now = start;
  for (const { command, wait } of all) {
    now = plus(now, wait * 60_000);
    const { events } = item.decide(command, state, now);
    state = replay(item, events ?? [], state);
    yield { events, state, now };
  }
}
const always = (check: (all: Moves) => void) => fc.assert(fc.property(moves, check), { numRuns: 300 });

test('whatever is commanded and however time passes, stock is never negative and promises never exceed it', () =>
  always((all) => {
    for (const { events = [], state } of told(all)) {
      events.forEach(checkEvent);
      checkFigures(state);
    }
  }));

test('no reservation lives twice: each id is reserved once and closed once', () =>
  always((all) => {
    const [opened, closed] = [new Set<string>(), new Set<string>()];
    for (const { events = [] } of told(all))
      for (const event of events) {
        if (!('reservationId' in event) || event.type === 'ReservationExtended') continue;
        const book = event.type === 'StockReserved' ? opened : closed;
        expect(book.has(event.reservationId) || (book === opened && closed.has(event.reservationId))).toBe(false);
        book.add(event.reservationId);
      }
  }));

test('every decision leaves no overdue hold behind', () =>
  always((all) => {
    for (const { events, state, now } of told(all))
      if (events) for (const hold of state.holds.open.values()) expect(hold.expiresAt > now).toBe(true);
  }));
