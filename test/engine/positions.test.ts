/** Protocol 5: positions have no gaps and stand in commit order, whoever writes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Bench, from1, openBench } from '../kit/bench.ts';
import { receive } from '../kit/stock.ts';

const child = fileURLToPath(new URL('./writer.child.ts', import.meta.url));

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
afterEach(() => bench.letGo());

/** A process that writes once it is told to; resolves to how many of its commands were accepted. */
const writer = async (shard: string, commands: number): Promise<() => Promise<number>> => {
  const process_ = spawn(process.execPath, [child, bench.url, shard, String(commands)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(process_.stdout);
  await once(lines, 'line');
  return async () => {
    process_.stdin.write('go');
    const [accepted] = await once(lines, 'line');
    return Number(accepted);
  };
};

/** Reads the log as a consumer does, and follows it: what comes later may never stand before what was seen. */
const follow = async (isOver: () => boolean): Promise<number[]> => {
  const seen: number[] = [];
  for (let last = false; !last; ) {
    last = isOver();
    const rows = await bench.rows<{ position: number }>(
      'select position::int from inventory.outbox_events where position > $1 order by position',
      [seen.at(-1) ?? 0],
    );
    seen.push(...rows.map(({ position }) => position));
  }
  return seen;
};

test('two processes that write at once leave one log, in which a follower never finds a gap', async () => {
  let over = false;
  const writers = await Promise.all([writer('left', 1500), writer('right', 1500)]);
  const written = Promise.all(writers.map((write) => write())).finally(() => {
    over = true;
  });
  const seen = await follow(() => over);
  const accepted = (await written).reduce((sum, each) => sum + each, 0);
  expect(accepted).toBeGreaterThan(1500);
  expect(seen).toEqual(from1(accepted));
  const [row] = await bench.rows<{ turns: number }>(
    `select count(*)::int as turns from (select lag(left(aggregate, 16)) over (order by position) <> left(aggregate, 16) as turned
     from inventory.outbox_events) as t where turned`,
  );
  expect(row!.turns).toBeGreaterThan(1);
  await bench.isSound();
});

test('a commit that waits has no position before it is done', async () => {
  const [left, right] = [await bench.start({ shard: 'a' }), await bench.start({ shard: 'b' })];
  await left.ask('waits', receive(1));
  const head = (await bench.log()).length;
  const release = await bench.hold(`select from inventory.stock_items where sku = 'waits' for update`);
  const waits = left.ask('waits', receive(1));
  await bench.blocked();
  expect(await right.ask('passes', receive(1))).toMatchObject({ positions: { inventory: head + 1 } });
  await release();
  expect(await waits).toMatchObject({ positions: { inventory: head + 2 } });
  await bench.isSound();
});

test('an answer names the position of its event, and the announced ones stand in order', async () => {
  const announced: number[] = [];
  const stock = await bench.start({
    shard: 'c',
    announce: (events) => announced.push(...events.map(({ position }) => position)),
  });
  const answers = await Promise.all(from1(100).map((i) => stock.ask(`named-${i % 3}`, receive(1))));
  const log = await bench.log();
  expect(announced).toEqual(log.slice(-100).map(({ position }) => position));
  for (const answer of answers) {
    const { version, positions } = answer as Extract<typeof answer, { kind: 'accepted' }>;
    expect(positions.inventory).toBeGreaterThanOrEqual(log.find(({ sequence }) => sequence === version)!.position);
  }
});
