/** Protocol 2 where no record is written: the rows remember what was accepted, whoever repeats it and whatever it says. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer, Meta } from '../../actors/ports/commander.ts';
import { inventoryItemBehaviour } from '../../actors/roster.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import { from1 } from '../kit/bench.ts';
import { openItems } from '../kit/items.ts';
import { receive, reserve } from '../kit/stock.ts';
import { until } from '../kit/until.ts';

const { bench, stock, fresh, putAhead, evicted } = await openItems();
let sku = '';
afterAll(() => bench.close());
beforeEach(async () => {
  sku = await fresh();
});

const ask = (command: InventoryCommand, meta?: Partial<Meta>) => stock.ask(sku, command, meta);
const gone = () => evicted(sku);
const wish = (quantity = 4) => reserve(`${sku}-r`, quantity);
const confirm = (): InventoryCommand => ({ type: 'ConfirmReservation', reservationId: `${sku}-r` });
const release = (): InventoryCommand => ({ type: 'ReleaseReservation', reservationId: `${sku}-r`, reason: 'enough' });
const sellOut = async () => {
  const available = await stock.region.read(sku, ({ onHand, reserved }) => onHand - reserved);
  if (available) await ask(reserve(`${sku}-rest`, available));
};
const expire = async () => {
  putAhead(700_000);
  await ask({ type: 'ExpireReservations' });
};
/** What an answer says of the command: its version may be newer. */
const said = (answer: Answer) => (answer.kind === 'accepted' ? { kind: answer.kind, reply: answer.reply } : answer);
const effects = async () => (await stock.fromTables(sku))!.version;

/** In how many ways a repeat comes. Its sender may know that it is one, or not. */
const ways = [
  ['in the same life', async () => undefined, {}],
  ['after the item left memory', gone, {}],
  ['after the item left memory, resumed', gone, { resumed: true }],
] as const;

/** `before`, the command, what happened `since`, and how the command was answered. */
type Case = readonly [
  name: string,
  before: () => unknown,
  InventoryCommand['type'],
  since: () => unknown,
  told: object,
];
const accepted = { kind: 'accepted' };
const refused = (type: string) => ({ kind: 'rejected', rejection: { type } });
const nothing = () => undefined;
const cases: readonly Case[] = [
  ['a reservation', nothing, 'ReserveStock', nothing, accepted],
  ['a reservation, since sold', nothing, 'ReserveStock', () => ask(confirm()), accepted],
  ['a reservation, since released', nothing, 'ReserveStock', () => ask(release()), accepted],
  ['a reservation, since expired', nothing, 'ReserveStock', expire, accepted],
  [
    'a reservation, since released, and the rest was sold out',
    nothing,
    'ReserveStock',
    () => releaseAndSellOut(),
    accepted,
  ],
  ['a reservation, long over', nothing, 'ReserveStock', () => releaseAndWait(), accepted],
  ['a refused reservation, since possible', sellOut, 'ReserveStock', () => ask(receive(10)), refused('OutOfStock')],
  ['a refused reservation, since made by another', sellOut, 'ReserveStock', () => made(), refused('OutOfStock')],
  ['a reservation that was overtaken', () => ask(release()), 'ReserveStock', nothing, refused('ReservationClosed')],
  ['a sale', () => ask(wish()), 'ConfirmReservation', sellOut, accepted],
  ['a refused sale, since possible', nothing, 'ConfirmReservation', () => made(), refused('UnknownReservation')],
  ['a refused sale, since made by another', nothing, 'ConfirmReservation', () => sold(), refused('UnknownReservation')],
  ['a release', () => ask(wish()), 'ReleaseReservation', sellOut, accepted],
  ['a release of what was released', () => released(), 'ReleaseReservation', sellOut, accepted],
  ['a refused release', () => sold(), 'ReleaseReservation', sellOut, refused('ReservationClosed')],
];
const made = async () => {
  await ask(receive(10));
  await ask(wish());
};
const sold = async () => {
  await made();
  await ask(confirm());
};
const released = async () => {
  await made();
  await ask(release());
};
const releaseAndSellOut = async () => {
  await ask(release());
  await sellOut();
};
const releaseAndWait = async () => {
  await ask(release());
  putAhead(700_000);
};
const commands: Partial<Record<InventoryCommand['type'], () => InventoryCommand>> = {
  ReserveStock: wish,
  ConfirmReservation: confirm,
  ReleaseReservation: release,
};

describe.each(ways)('%s', (_, pass, meta) => {
  test.each(cases)('%s is answered as it was', async (_name, before, type, since, told) => {
    await before();
    const command = commands[type]!();
    const first = await ask(command, { id: `${sku}-c` });
    expect(first).toMatchObject(told);
    await since();
    const moved = await effects();
    await pass();
    const again = await ask(command, { id: `${sku}-c`, ...meta });
    expect(said(again)).toEqual(said(first));
    expect(await effects()).toBe(moved);
    await bench.isSound();
  });
});

test.each(ways)(
  '%s: another wish under a taken id is refused, and the first is answered as it was',
  async (_, pass, meta) => {
    const first = await ask(wish(), { id: `${sku}-c` });
    await pass();
    for (let time = 0; time < 2; time += 1) {
      expect(await ask(wish(3), { id: `${sku}-c`, ...meta })).toMatchObject(refused('ReservationIdTaken'));
      await gone();
    }
    expect(said(await ask(wish(), { id: `${sku}-c`, ...meta }))).toEqual(said(first));
  },
);

test('nothing is written down of what the rows remember', async () => {
  for (const [i, command] of [wish(), confirm(), release(), reserve(`${sku}-s`), wish()].entries())
    await ask(command, { id: `${sku}-${i}` });
  const records = await bench.rows('select id, rejection from inventory.commands where id like $1', [`${sku}-%`]);
  expect(records).toMatchObject([{ id: `${sku}-2`, rejection: { type: 'ReservationClosed' } }]);
});

/** So many messages the item has decided. */
const processed = () => stock.region.report(2).children!.find(({ path }) => path.endsWith(`/${sku}`))!.processed!;

test('a refusal is not forgotten before it is durable, however much happens meanwhile', async () => {
  const unblock = await bench.hold();
  const blocked = ask(receive(1));
  await bench.blocked();
  const before = processed();
  const first = ask(wish(12), { id: `${sku}-c` });
  await until(() => processed() > before, { what: 'its being decided' });
  const others = [ask(receive(1_000)), ...from1(600).map((i) => ask(reserve(`${sku}-${i}`, 1)))];
  const again = ask(wish(12), { id: `${sku}-c` });
  await unblock();
  await Promise.all([blocked, ...others]);
  expect(await first).toMatchObject(refused('OutOfStock'));
  expect(await again).toEqual(await first);
  await bench.isSound();
});

test('what is accepted at once is not looked for; what is refused at once is looked for together', async () => {
  const looks: number[] = [];
  const remember: typeof inventoryItemBehaviour.remember = (state, parts, asked) => {
    looks.push(asked.length);
    return inventoryItemBehaviour.remember!(state, parts, asked);
  };
  const shop = await bench.start({ shard: 'shard-looks', nodeId: 'node-looks' }, { remember });
  const reserveAll = (of: string) => Promise.all(from1(5).map((i) => shop.ask(sku, reserve(`${sku}-${of}-${i}`, 2))));
  expect((await reserveAll('first')).map(({ kind }) => kind)).toEqual(from1(5).map(() => 'accepted'));
  expect(looks).toEqual([]);
  expect((await reserveAll('late')).map(({ kind }) => kind)).toEqual(from1(5).map(() => 'rejected'));
  expect(looks).toEqual([5]);
});
