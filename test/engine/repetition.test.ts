/** Protocol 2: the same command again has one effect and one answer, refusals included, in every life. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer, Meta } from '../../actors/ports/commander.ts';
import { from1 } from '../kit/bench.ts';
import { openItems } from '../kit/items.ts';
import { receive, reserve } from '../kit/stock.ts';

const { bench, stock, fresh, evicted } = await openItems();
let sku = '';
afterAll(() => bench.close());
afterEach(() => bench.letGo());
beforeEach(async () => {
  sku = await fresh();
});

const meta = (more: Partial<Meta> = {}): Partial<Meta> => ({ id: `${sku}-c`, fingerprint: 'f', ...more });
const delivery = receive(5);
const tooMany = () => reserve(`${sku}-r`, 11);
const figures = async () =>
  (await bench.rows('select on_hand::int, reserved::int, version from inventory.stock_items where sku = $1', [sku]))[0];
/** The parts of an answer that a repetition must not change. */
const said = (answer: Answer) =>
  answer.kind === 'accepted' ? { kind: answer.kind } : answer.kind === 'rejected' ? answer : { kind: answer.kind };

describe('a command that is sent again', () => {
  test('at once is answered from memory', async () => {
    const [first, second] = await Promise.all([stock.ask(sku, delivery, meta()), stock.ask(sku, delivery, meta())]);
    expect([first, second]).toMatchObject([{ repeated: false }, { kind: 'accepted', repeated: true }]);
    expect(await figures()).toMatchObject({ on_hand: 15 });
  });

  test('fifty times at once has one effect', async () => {
    const answers = await Promise.all(from1(50).map(() => stock.ask(sku, delivery, meta())));
    expect(answers.map(said)).toEqual(answers.map(() => ({ kind: 'accepted' })));
    expect(await figures()).toMatchObject({ on_hand: 15 });
  });

  test.each([true, false])('after the item left memory is found in its record, resumed %s', async (resumed) => {
    await stock.ask(sku, delivery, meta());
    await evicted(sku);
    expect(await stock.ask(sku, delivery, meta({ resumed }))).toMatchObject({ kind: 'accepted', repeated: true });
    expect(await figures()).toMatchObject({ on_hand: 15 });
  });

  test.each([true, false])(
    'and was refused is refused again, though it could be granted now, resumed %s',
    async (resumed) => {
      const first = await stock.ask(sku, tooMany(), meta());
      expect(first).toMatchObject({ rejection: { type: 'OutOfStock', available: 10 } });
      await stock.ask(sku, receive(10));
      expect(await stock.ask(sku, tooMany(), meta())).toEqual(first);
      await evicted(sku);
      expect(await stock.ask(sku, tooMany(), meta({ resumed }))).toEqual(first);
      expect(await figures()).toMatchObject({ on_hand: 20, reserved: 0 });
    },
  );

  test('after the answer was lost on the way gets it', async () => {
    const release = await bench.hold();
    const lost = stock.ask(sku, delivery, meta({ timeout: 50 }));
    await bench.blocked();
    expect(await lost).toMatchObject({ kind: 'unavailable', reason: 'expired' });
    const again = stock.ask(sku, delivery, meta());
    await release();
    expect(await again).toMatchObject({ kind: 'accepted', repeated: true });
    expect(await figures()).toMatchObject({ on_hand: 15 });
  });

  test('while memory has no room for it any more has one effect', async () => {
    const others = from1(600).map((i) => stock.ask(sku, receive(1), { id: `${sku}-${i}` }));
    const answers = [
      stock.ask(sku, delivery, meta()),
      ...others,
      stock.ask(sku, delivery, meta()),
      stock.ask(sku, delivery, meta({ resumed: true })),
    ];
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ kind: 'accepted' });
    expect(await figures()).toMatchObject({ on_hand: 615 });
    await bench.isSound();
  });

  test('in the life after a crash gets the answer of the life before', async () => {
    const before = await bench.start({ shard: 'shard-crash', nodeId: 'node-crash' });
    const first = [
      await before.ask(`${sku}-x`, delivery, meta()),
      await before.ask(`${sku}-x`, tooMany(), meta({ id: `${sku}-d` })),
    ];
    const after = await bench.start({ shard: 'shard-crash', nodeId: 'node-crash' });
    const again = [
      await after.ask(`${sku}-x`, delivery, meta()),
      await after.ask(`${sku}-x`, tooMany(), meta({ id: `${sku}-d` })),
    ];
    expect(again.map(said)).toEqual(first.map(said));
    await bench.isSound();
  });

  test('to two nodes at once, each of which thinks that it is the owner, has one effect', async () => {
    const rival = await bench.start({ shard: 'shard-rival', nodeId: 'node-rival' });
    const answers = await Promise.all([stock.ask(sku, delivery, meta()), rival.ask(sku, delivery, meta())]);
    expect(answers.map(said)).toEqual([{ kind: 'accepted' }, { kind: 'accepted' }]);
    expect(await figures()).toMatchObject({ on_hand: 15 });
  });
});

describe('an id that is used again', () => {
  test.each(['in memory', 'in the record'])('with another content is told so, found %s', async (where) => {
    await stock.ask(sku, delivery, meta());
    if (where === 'in the record') await evicted(sku);
    expect(await stock.ask(sku, receive(7), meta({ fingerprint: 'g' }))).toEqual({ kind: 'reused' });
    expect(await figures()).toMatchObject({ on_hand: 15 });
  });

  test('for another item is told so', async () => {
    await stock.ask(sku, delivery, meta());
    expect(await stock.ask(`${sku}-b`, delivery, meta())).toEqual({ kind: 'reused' });
    expect(await stock.region.read(`${sku}-b`, ({ onHand }) => onHand)).toBe(0);
  });
});
