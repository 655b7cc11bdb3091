import { describe, expect, test } from '@jest/globals';
import type { InventoryEvent } from '../../contracts/inventory.ts';
import { inventoryItem } from '../../domains/inventory/inventory-item.ts';
import { recall, stockOf } from '../../domains/inventory/stock.ts';
import { remember } from '../../domains/kernel/holds.ts';
import { minutes, plus } from '../../domains/kernel/time.ts';
import { given, replay } from '../kit/given.ts';

const noon = '2026-03-01T12:00:00.000Z';
const quarterPast = plus(noon, minutes(15));
const halfPast = plus(noon, minutes(30));
const sku = 'TEA-1';
const tea = inventoryItem(sku);

const received = (quantity: number): InventoryEvent => ({
  type: 'StockReceived',
  sku,
  receiptId: 'r1',
  quantity,
  onHand: quantity,
  reserved: 0,
  at: noon,
});
const reserved = (reservationId: string, quantity: number, expiresAt = quarterPast): InventoryEvent => ({
  type: 'StockReserved',
  sku,
  reservationId,
  orderId: 'o1',
  quantity,
  expiresAt,
  onHand: 5,
  reserved: quantity,
  at: noon,
});
const confirmed: InventoryEvent = {
  type: 'ReservationConfirmed',
  sku,
  reservationId: 'h1',
  orderId: 'o1',
  quantity: 2,
  onHand: 3,
  reserved: 0,
  at: noon,
};
const released: InventoryEvent = { ...confirmed, type: 'ReservationReleased', reason: 'changed my mind', onHand: 5 };
const reserve = (reservationId: string, quantity: number, expiresAt = halfPast) =>
  ({ type: 'ReserveStock', reservationId, orderId: 'o1', quantity, expiresAt }) as const;

describe('stock that is there', () => {
  test('goods come in', () =>
    given(tea)
      .at(noon)
      .when({ type: 'ReceiveStock', receiptId: 'r1', quantity: 5 })
      .thenEvents({ type: 'StockReceived', sku, quantity: 5, onHand: 5, reserved: 0, at: noon }));

  test('a correction never goes below what is promised', () =>
    given(tea, received(5), reserved('h1', 2))
      .at(noon)
      .when({ type: 'AdjustStock', adjustmentId: 'a1', delta: -4, reason: 'broken' })
      .thenRejects({ type: 'StockIsReserved', onHand: 5, reserved: 2 }));

  test('a count below what is promised keeps the promises and names the shortage', () =>
    given(tea, received(5), reserved('h1', 2))
      .at(noon)
      .when({ type: 'ReconcileStock', countId: 'c1', counted: 1 })
      .thenEvents({ type: 'StockAdjusted', adjustmentId: 'c1', delta: -3, onHand: 2, reserved: 2, shortage: 1 }));

  test('a count that finds what is known changes nothing', () =>
    given(tea, received(5)).at(noon).when({ type: 'ReconcileStock', countId: 'c1', counted: 5 }).thenNothing());
});

describe('a promise', () => {
  test('is made while there is enough', () =>
    given(tea, received(5), reserved('h1', 2))
      .at(noon)
      .when(reserve('h2', 3))
      .thenEvents({ type: 'StockReserved', reservationId: 'h2', quantity: 3, onHand: 5, reserved: 5 }));

  test('is refused beyond it', () =>
    given(tea, received(5), reserved('h1', 2))
      .at(noon)
      .when(reserve('h2', 4))
      .thenRejects({ type: 'OutOfStock', sku, requested: 4, available: 3 }));

  test('that would be over at once is refused', () =>
    given(tea, received(5))
      .at(noon)
      .when(reserve('h1', 1, noon))
      .thenRejects({ type: 'HoldAlreadyOver' }));

  test('made twice is made once', () =>
    given(tea, received(5), reserved('h1', 2)).at(noon).when(reserve('h1', 2)).thenNothing());

  test('that became a sale is not made again', () =>
    given(tea, received(5), reserved('h1', 2), confirmed).at(noon).when(reserve('h1', 2)).thenNothing());

  test('that was taken back is told of as it was to a late retry, and not made again', () =>
    given(tea, received(5), reserved('h1', 2), released).at(noon).when(reserve('h1', 2)).thenNothing());

  test('that is over is told of as it was to a late retry, and not made again', () => {
    const expired: InventoryEvent = { ...confirmed, type: 'ReservationExpired', onHand: 5 };
    given(tea, received(5), reserved('h1', 2), expired).at(quarterPast).when(reserve('h1', 2)).thenNothing();
    given(tea, received(5), reserved('h1', 2))
      .at(quarterPast)
      .when(reserve('h1', 2))
      .thenEvents({ ...expired, at: quarterPast });
  });

  test.each([
    ['of another size', reserve('h1', 3)],
    ['for another order', { ...reserve('h1', 2), orderId: 'o9' }],
  ])('%s under an id that is taken is refused, also when it is over', (_, other) => {
    const taken = { type: 'ReservationIdTaken', reservationId: 'h1' } as const;
    given(tea, received(5), reserved('h1', 2)).at(noon).when(other).thenRejects(taken);
    given(tea, received(5), reserved('h1', 2), confirmed).at(noon).when(other).thenRejects(taken);
    given(tea, received(5), reserved('h1', 2), released).at(noon).when(other).thenRejects(taken);
  });

  test('is prolonged, never shortened', () => {
    const held = given(tea, received(5), reserved('h1', 2)).at(noon);
    held
      .when({ type: 'ExtendReservation', reservationId: 'h1', expiresAt: halfPast })
      .thenEvents({ type: 'ReservationExtended', reservationId: 'h1', expiresAt: halfPast });
    held.when({ type: 'ExtendReservation', reservationId: 'h1', expiresAt: noon }).thenNothing();
    held
      .when({ type: 'ExtendReservation', reservationId: 'h9', expiresAt: halfPast })
      .thenRejects({ type: 'UnknownReservation' });
  });

  test('that is over is not prolonged', () =>
    given(tea, received(5), reserved('h1', 2))
      .at(quarterPast)
      .when({ type: 'ExtendReservation', reservationId: 'h1', expiresAt: halfPast })
      .thenRejects({ type: 'ReservationClosed', status: 'expired' }));

  test('becomes a sale and leaves the shelf', () =>
    given(tea, received(5), reserved('h1', 2))
      .at(noon)
      .when({ type: 'ConfirmReservation', reservationId: 'h1' })
      .thenEvents({ type: 'ReservationConfirmed', orderId: 'o1', quantity: 2, onHand: 3, reserved: 0 }));

  test('becomes a sale once', () =>
    given(tea, received(5), reserved('h1', 2), confirmed)
      .at(noon)
      .when({ type: 'ConfirmReservation', reservationId: 'h1' })
      .thenNothing());

  test('that is over does not become a sale', () =>
    given(tea, received(5), reserved('h1', 2))
      .at(quarterPast)
      .when({ type: 'ConfirmReservation', reservationId: 'h1' })
      .thenRejects({ type: 'ReservationClosed', status: 'expired' }));

  test('is taken back, once', () => {
    const release = { type: 'ReleaseReservation', reservationId: 'h1', reason: 'aborted' } as const;
    given(tea, received(5), reserved('h1', 2))
      .at(noon)
      .when(release)
      .thenEvents({ type: 'ReservationReleased', quantity: 2, onHand: 5, reserved: 0 });
    given(tea, received(5), reserved('h1', 2), released).at(noon).when(release).thenNothing();
  });

  test('that became a sale is not taken back', () =>
    given(tea, received(5), reserved('h1', 2), confirmed)
      .at(noon)
      .when({ type: 'ReleaseReservation', reservationId: 'h1', reason: 'aborted' })
      .thenRejects({ type: 'ReservationClosed', status: 'committed' }));

  test('that is taken back before it was made is never made', () => {
    const tombstone: InventoryEvent = { ...released, orderId: undefined, quantity: 0 } as InventoryEvent;
    given(tea, received(5))
      .at(noon)
      .when({ type: 'ReleaseReservation', reservationId: 'h1', reason: 'aborted' })
      .thenEvents({ type: 'ReservationReleased', quantity: 0, orderId: undefined, onHand: 5, reserved: 0 });
    given(tea, received(5), tombstone)
      .at(noon)
      .when(reserve('h1', 1))
      .thenRejects({ type: 'ReservationClosed', status: 'released' });
  });
});

describe('time', () => {
  test('gives overdue stock to the next buyer, without a timer', () =>
    given(tea, received(5), reserved('h1', 4))
      .at(quarterPast)
      .when(reserve('h2', 5))
      .thenEvents(
        { type: 'ReservationExpired', reservationId: 'h1', quantity: 4, onHand: 5, reserved: 0 },
        { type: 'StockReserved', reservationId: 'h2', quantity: 5, onHand: 5, reserved: 5 },
      ));

  test('does nothing a moment before', () =>
    given(tea, received(5), reserved('h1', 4))
      .at('2026-03-01T12:14:59.999Z')
      .when({ type: 'ExpireReservations' })
      .thenNothing());

  test('costs a hot SKU nothing: 10,000 holds, none due', () => {
    const state = tea.initial();
    for (let i = 0; i < 10_000; i++) tea.evolve(state, reserved(`h${i}`, 1, plus(quarterPast, (i * 7_919) % 60_000)));
    const started = performance.now();
    for (let i = 0; i < 10_000; i++) tea.decide({ type: 'ExpireReservations' }, state, noon);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('memory', () => {
  const hold = { orderId: 'o1', quantity: 2, expiresAt: quarterPast };

  test('names what must be read from the table before deciding', () => {
    expect(recall(reserve('h1', 1))).toEqual([]);
    expect(recall(reserve('h1', 1), true)).toEqual(['h1']);
    expect(recall({ type: 'ConfirmReservation', reservationId: 'h1' })).toEqual(['h1']);
    expect(recall({ type: 'ReceiveStock', receiptId: 'r', quantity: 1 })).toEqual([]);
  });

  test('takes back what was read, without doubling it', () => {
    const state = replay(tea, [received(5), reserved('h1', 2)]);
    remember(state.holds, [
      { id: 'h0', status: 'released' },
      { id: 'h1', status: 'released', hold },
    ]);
    expect(tea.decide(reserve('h0', 1), state, noon).rejection).toMatchObject({ type: 'ReservationClosed' });
    expect(tea.decide(reserve('h1', 2), state, noon)).toEqual({ events: [] });
  });

  test('wakes up from rows as it was', () => {
    const figures = { onHand: 5, reserved: 2, allocations: new Map() };
    const woken = stockOf(figures, [{ id: 'h1', status: 'held', hold }]);
    expect(woken).toEqual(replay(tea, [received(5), reserved('h1', 2)]));
  });
});
