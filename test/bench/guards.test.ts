import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import { type FreshDatabase, freshDatabase, withClient } from '../kit/servers.ts';
import { receive, reserve, startStock } from '../kit/stock.ts';
import { type GuardName, TAKE_OUT } from './guards.ts';

let database: FreshDatabase;
let stamp = 0;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const rows = (text: string) => withClient(database.url, async (db) => (await db.query(text)).rows);
/** Another engine, for another SKU. */
const life = () => {
  stamp += 1;
  return startStock(database.url, { nodeId: `n${stamp}`, shard: `s${stamp}` });
};

/** What `use` returns while the guard is out, and then with all guards. */
const withoutAndWith = async <T>(name: GuardName, use: () => Promise<T>) => {
  const putBack = TAKE_OUT[name]();
  try {
    const bare = await use();
    putBack();
    return [bare, await use()] as const;
  } finally {
    putBack();
  }
};

/** Answers to commands of one life, one after the other. */
const answers = async (
  commands: readonly InventoryCommand[],
  between: () => Promise<unknown> = async () => undefined,
) => {
  const { engine, ask } = await life();
  const kinds: string[] = [];
  for (const command of commands) {
    kinds.push((await ask(`SKU-${stamp}`, command)).kind);
    await between();
  }
  await engine.stop();
  return kinds;
};

const head = async () => Number((await rows('select position from inventory.log_head'))[0].position);
const moved = async () => {
  const before = await head();
  await answers([receive(5)]);
  return (await head()) - before;
};

test('without the log head, commits do not touch it', async () => {
  const [bare, guarded] = await withoutAndWith('heads', async () => {
    await rows('truncate inventory.outbox_events');
    return moved();
  });
  expect([bare, guarded]).toEqual([0, 1]);
});

test('without the version check, a row that was moved by somebody else is overwritten', async () => {
  const steal = () => rows('update inventory.stock_items set version = version + 10, on_hand = on_hand + 1');
  const stock = async () =>
    Number((await rows(`select on_hand from inventory.stock_items where sku = 'SKU-${stamp}'`))[0].on_hand);
  const [bare, guarded] = await withoutAndWith('versions', async () => {
    await answers([receive(5), receive(5)], steal);
    return stock();
  });
  // Twice somebody found one piece more: the first of them is lost when nobody looks at the version.
  expect([bare, guarded]).toEqual([11, 12]);
});

test('without the lease in the statement, who was fenced writes on', async () => {
  const fence = () => rows('update engine.leases set epoch = epoch + 1');
  const [bare, guarded] = await withoutAndWith('lease', () => answers([receive(5), receive(5)], fence));
  expect([bare, guarded]).toEqual([
    ['accepted', 'accepted'],
    ['accepted', 'unavailable'],
  ]);
});

test('without records, nothing is known of a command afterwards', async () => {
  const recorded = async () => Number((await rows('select count(*) from inventory.commands'))[0].count);
  const [bare, guarded] = await withoutAndWith('records', async () => {
    const before = await recorded();
    await answers([receive(5)]);
    return (await recorded()) - before;
  });
  expect([bare, guarded]).toEqual([0, 1]);
});

test('without the look for refusals, what was refused is carried out when it comes again', async () => {
  const [bare, guarded] = await withoutAndWith('refusals', async () => {
    const { engine, ask } = await life();
    const [sku, id] = [`SKU-${stamp}`, `refused-${stamp}`];
    await ask(sku, receive(5));
    const refused = await ask(sku, reserve(id, 9), { id });
    await engine.stop();
    const later = await startStock(database.url, { nodeId: `n${stamp}`, shard: `s${stamp}` });
    const again = await later.ask(sku, reserve(id, 1), { id });
    await later.engine.stop();
    return [refused.kind, again.kind];
  });
  expect([bare, guarded]).toEqual([
    ['rejected', 'accepted'],
    ['rejected', 'rejected'],
  ]);
});

test('answered early, a command is accepted before it is written, and written in the end', async () => {
  const putBack = TAKE_OUT.waiting();
  try {
    const { engine, ask } = await life();
    const blocker = withClient(database.url, async (db) => {
      await db.query('begin');
      await db.query('select from inventory.log_head for update');
      const { kind } = await ask(`EARLY-${stamp}`, receive(5));
      await ask(`EARLY-${stamp}`, reserve(`early-${stamp}`));
      const { rows: seen } = await db.query(`select from inventory.stock_items where sku = 'EARLY-${stamp}'`);
      await db.query('rollback');
      return { kind, seen: seen.length };
    });
    expect(await blocker).toEqual({ kind: 'accepted', seen: 0 });
    await engine.stop();
    expect(await rows(`select reserved::int from inventory.stock_items where sku = 'EARLY-${stamp}'`)).toEqual([
      { reserved: 1 },
    ]);
  } finally {
    putBack();
  }
});
