/** Protocols 1, 2, 3, 6, 7 and 10 together: random commands, doubled and repeated, over a line that breaks at random. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer } from '../../actors/ports/commander.ts';
import type { StoredEvent } from '../../actors/ports/events.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import { type Bench, from1, openBench, type Stock } from '../kit/bench.ts';
import { type Random, seeded } from '../kit/seeded.ts';
import { receive, reserve } from '../kit/stock.ts';
import { type TcpProxy, tcpProxy } from '../kit/tcp-proxy.ts';

let bench: Bench;
let proxy: TcpProxy;
let stock: Stock;
beforeAll(async () => {
  bench = await openBench();
  proxy = await tcpProxy(bench.url);
  bench.defer(() => proxy.close());
  stock = await bench.start({ journalUrl: proxy.through(bench.url), region: { idleAfter: 40, timeout: 400 } });
});
afterAll(() => bench.close());

interface Wish {
  readonly id: string;
  readonly sku: string;
  readonly command: InventoryCommand;
  readonly fingerprint?: string;
  readonly answers: Answer[];
}

const SKUS = from1(4).map((i) => `SKU-${i}`);
const commandFor = (random: Random, reservationId: string): InventoryCommand => {
  const kind = random.below(10);
  if (kind < 2) return receive(1 + random.below(5));
  if (kind < 7) return reserve(reservationId, 1 + random.below(3));
  if (kind < 8) return { type: 'ConfirmReservation', reservationId };
  return { type: 'ReleaseReservation', reservationId, reason: 'stress' };
};
/** Reservation ids are few, so that commands meet. A reservation belongs to one item. */
const wishFor = (random: Random, seed: number, i: number): Wish => {
  const number = random.below(120);
  const sku = SKUS[number % SKUS.length]!;
  const fingerprint = random.chance(0.5) ? 'f' : undefined;
  return { id: `${seed}/${i}`, sku, command: commandFor(random, `${seed}/r${number}`), fingerprint, answers: [] };
};

/** Asks until there is an answer, as a caller does that knows nothing; now and then twice at once, or saying that it repeats. */
const pursue = async (random: Random, { id, sku, command, fingerprint, answers }: Wish): Promise<void> => {
  for (let tries = 0; ; tries += 1) {
    const ask = () => stock.ask(sku, command, { id, fingerprint, resumed: random.chance(0.5) });
    const got = await Promise.all(random.chance(0.1) ? [ask(), ask()] : [ask()]);
    answers.push(...got.filter(({ kind }) => kind !== 'unavailable'));
    if (answers.length > 0 && tries > 0) return;
    if (answers.length > 0 && random.chance(0.8)) return;
  }
};

const PRIMARY: Partial<Record<InventoryCommand['type'], string>> = {
  ReceiveStock: 'inventory.stock-received.v1',
  ReserveStock: 'inventory.stock-reserved.v1',
};
/** What of a command's answers and of the log cannot both be true. */
const contradictions = (wish: Wish, events: readonly StoredEvent[]): string[] => {
  const { id, command, answers } = wish;
  const kinds = new Set(answers.map(({ kind }) => kind));
  const caused = events.filter(({ type }) => type === PRIMARY[command.type]).length;
  const found: string[] = [];
  if (kinds.size > 1) found.push(`${id} ${command.type} was answered ${[...kinds].join(' and ')}`);
  if (kinds.has('faulted')) found.push(`${id} ${command.type} was answered by a fault`);
  if (caused > 1) found.push(`${id} ${command.type} happened ${caused} times`);
  if (kinds.has('rejected') && events.length > 0) found.push(`${id} ${command.type} was refused, and happened`);
  if (command.type === 'ReceiveStock' && caused !== 1) found.push(`${id} was accepted, and never happened`);
  return found;
};

test.each(from1(3))('whatever was answered is what happened, and happened once; seed %i', async (seed) => {
  const random = seeded(seed);
  const { unknown } = stock.engine.journal.stats;
  const wishes = from1(400).map((i) => wishFor(random, seed, i));
  let over = false;
  const breaking = (async () => {
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, 40 + random.below(80)));
      if (random.chance(0.5)) proxy.stall();
      else proxy.cut();
      await new Promise((resolve) => setTimeout(resolve, random.below(10)));
      proxy.cut();
      proxy.resume();
    }
  })();
  for (let sent = 0; sent < wishes.length; sent += 20) {
    await Promise.all(wishes.slice(sent, sent + 20).map((wish) => pursue(random, wish)));
  }
  over = true;
  await breaking;
  const caused = Map.groupBy(await bench.log(), ({ metadata }) => metadata.causationId);
  expect(wishes.flatMap((wish) => contradictions(wish, caused.get(wish.id) ?? []))).toEqual([]);
  await bench.isSound();
  for (const sku of SKUS) {
    const live = await stock.region.read(sku, ({ onHand, reserved }) => ({ onHand, reserved }));
    expect(await stock.fromTables(sku)).toMatchObject({ state: live });
  }
  expect(stock.engine.journal.stats.unknown).toBeGreaterThan(unknown);
});
