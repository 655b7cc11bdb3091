/** Protocol 3: what is over stays over, whoever comes late and in whatever life. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import { from1 } from '../kit/bench.ts';
import { openItems } from '../kit/items.ts';
import { receive, reserve } from '../kit/stock.ts';

const { bench, stock, fresh, putAhead, evicted } = await openItems();
let sku = '';
afterAll(() => bench.close());
beforeEach(async () => {
  sku = await fresh();
});

const wish = () => reserve(`${sku}-r`, 4);
const release = (): InventoryCommand => ({ type: 'ReleaseReservation', reservationId: `${sku}-r`, reason: 'too late' });
const gone = () => evicted(sku);
const lives = [
  ['in the same life', async () => undefined, {}],
  ['after the item left memory', gone, {}],
  ['after the item left memory, resumed', gone, { resumed: true }],
] as const;
const nothingHeld = async () => {
  expect(await stock.region.read(sku, ({ reserved, holds }) => [reserved, holds.open.size])).toEqual([0, 0]);
  await bench.isSound();
};

describe.each(lives)('%s', (_, pass, meta) => {
  test('a reservation that was released is not made again by its late retry', async () => {
    await stock.ask(sku, wish(), { id: `${sku}-c` });
    await stock.ask(sku, release());
    await pass();
    await stock.ask(sku, wish(), { id: `${sku}-c`, ...meta });
    await nothingHeld();
  });

  test('a reservation that was released is not made by another command, and its id is not given to another wish', async () => {
    await stock.ask(sku, wish());
    await stock.ask(sku, release());
    await pass();
    expect(await stock.ask(sku, wish(), meta)).toMatchObject({ kind: 'accepted' });
    const other = reserve(`${sku}-r`, 5);
    expect(await stock.ask(sku, other, meta)).toMatchObject({ rejection: { type: 'ReservationIdTaken' } });
    await nothingHeld();
  });

  test('a reservation that expired is not made again by its late retry', async () => {
    await stock.ask(sku, wish(), { id: `${sku}-c` });
    putAhead(700_000);
    await stock.ask(sku, { type: 'ExpireReservations' });
    await pass();
    await stock.ask(sku, wish(), { id: `${sku}-c`, ...meta });
    await nothingHeld();
  });

  test('a release that overtook its reservation leaves a stone that refuses it', async () => {
    expect(await stock.ask(sku, release())).toMatchObject({ kind: 'accepted' });
    await pass();
    expect(await stock.ask(sku, wish(), meta)).toMatchObject({ rejection: { type: 'ReservationClosed' } });
    await nothingHeld();
  });

  test('a release that is repeated is accepted again, and changes nothing', async () => {
    await stock.ask(sku, wish());
    await stock.ask(sku, release(), { id: `${sku}-d` });
    const before = await stock.fromTables(sku);
    await pass();
    expect(await stock.ask(sku, release(), { id: `${sku}-d`, ...meta })).toMatchObject({ kind: 'accepted' });
    expect((await stock.fromTables(sku))!.version).toBe(before!.version);
  });

  test('what was sold is not released', async () => {
    await stock.ask(sku, wish());
    await stock.ask(sku, { type: 'ConfirmReservation', reservationId: `${sku}-r` });
    await pass();
    expect(await stock.ask(sku, release(), meta)).toMatchObject({ rejection: { status: 'committed' } });
    expect(await stock.region.read(sku, ({ onHand }) => onHand)).toBe(6);
  });
});

test('a hold whose time is over is nobody else’s loss, though nobody swept it', async () => {
  await stock.ask(sku, reserve(`${sku}-r`, 10));
  expect(await stock.ask(sku, reserve(`${sku}-s`, 1))).toMatchObject({ rejection: { type: 'OutOfStock' } });
  putAhead(700_000);
  await gone();
  expect(await stock.ask(sku, reserve(`${sku}-t`, 10, 2_000))).toMatchObject({ kind: 'accepted' });
  await bench.isSound();
});

test('what is over is not forgotten when more is over than memory keeps', async () => {
  await stock.ask(sku, receive(2_000));
  await stock.ask(sku, wish());
  await stock.ask(sku, release());
  const rest = from1(1_100);
  await Promise.all(rest.map((i) => stock.ask(sku, reserve(`${sku}-${i}`))));
  await Promise.all(
    rest.map((i) => stock.ask(sku, { type: 'ReleaseReservation', reservationId: `${sku}-${i}`, reason: 'enough' })),
  );
  expect(await stock.region.read(sku, ({ holds }) => holds.closed.has(`${sku}-r`))).toBe(false);
  for (const resumed of [true, false])
    expect(await stock.ask(sku, wish(), { resumed })).toMatchObject({ kind: 'accepted' });
  await nothingHeld();
});
