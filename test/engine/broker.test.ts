/** Protocol 4 and 5 at a real broker: what the stream holds is what the log holds, whatever becomes of the broker. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Relay } from '../../actors/relay.ts';
import { type Broker, openBroker } from '../../adapters/nats/connection.ts';
import { NatsEventStream } from '../../adapters/nats/event-stream.ts';
import { type Bench, from1, openBench, type Stock } from '../kit/bench.ts';
import { type OwnNats, startOwnNats } from '../kit/servers.ts';
import { receive } from '../kit/stock.ts';
import { expectTallied, tallyOn, viewed } from '../kit/tally.ts';
import { until } from '../kit/until.ts';

let nats: OwnNats;
let bench: Bench;
let stock: Stock;
let broker: Broker;
let relays: Relay[] = [];
const stopping: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  nats = await startOwnNats();
});
afterAll(() => nats.dispose());
beforeEach(async () => {
  bench = await openBench();
  stock = await bench.start({ ...viewed, announce: (events) => relays[0]?.announce(events) });
  broker = await openBroker({ url: nats.url, contexts: ['inventory'], namespace: `t${Date.now()}`, name: 'test' });
});
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop();
  relays = [];
  await broker.close();
  await bench.close();
});

const startRelay = () => {
  const { log, registry } = stock.engine;
  const relay = new Relay({ context: 'inventory', log, stream: new NatsEventStream(broker), registry });
  stopping.push(() => relay.stop());
  relays.push(relay);
  relay.start();
  return relay;
};
const startTally = async () => {
  const made = tallyOn({ stock, stream: new NatsEventStream(broker) });
  stopping.push(
    () => made.feed.stop(),
    () => made.consumer.stop(),
  );
  made.feed.start();
  await made.consumer.start();
  return made;
};
const work = (count: number) => Promise.all(from1(count).map((i) => stock.ask(`SKU-${i % 7}`, receive(1))));

/** Position and text of all that the stream holds, as it stands there. */
const streamed = async (): Promise<[number, string][]> => {
  const name = broker.streamOf('inventory');
  const { state } = await broker.manager.streams.info(name);
  const all = from1(state.messages).map((i) =>
    broker.manager.streams.getMessage(name, { seq: state.first_seq + i - 1 }),
  );
  return (await Promise.all(all)).map((message) => [Number(message!.header.get('ce-position')), message!.string()]);
};
const logged = async () => (await bench.log()).map(({ position, body }) => [position, body]);
/** The heads are looked at as often as need be, as somebody does every second. */
const equal = async () => {
  const wanted = await logged();
  const look = async () => {
    const { position, incarnation } = (await stock.engine.log.heads()).inventory!;
    for (const relay of relays) relay.headIs(position, incarnation);
    return (await streamed()).length >= wanted.length;
  };
  await until(look, { what: 'the stream', every: 50, timeout: 20_000 });
  expect(await streamed()).toEqual(wanted);
};
/** Also without anybody who looks at the log. */
const brings = async ({ feed }: Awaited<ReturnType<typeof startTally>>) => {
  const before = Number(feed.report().processed);
  await work(1);
  await until(() => Number(feed.report().processed) > before, { what: 'an event from the stream' });
};
const counted = async ({ consumer, look }: Awaited<ReturnType<typeof startTally>>) => {
  const head = (await bench.log()).length;
  await until(async () => look().then(() => consumer.position === head), { what: 'the view', every: 50 });
  await expectTallied(bench);
};

test('what is announced is published once and in order, without a look at the log', async () => {
  const read = stock.engine.log.read.bind(stock.engine.log);
  let reads = 0;
  stock.engine.log.read = (...args) => {
    reads += 1;
    return read(...args);
  };
  const relay = startRelay();
  await work(10);
  await until(() => relay.report().detail!.published === 10);
  reads = 0;
  const working = [];
  for (const _ of from1(20)) {
    working.push(work(50));
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  await Promise.all(working);
  await until(() => relay.report().detail!.published === 1010);
  expect(reads).toBe(0);
  await equal();
});

test('what was never announced is found in the log', async () => {
  await work(50);
  const made = await startTally();
  startRelay();
  relays = relays.splice(0).map((relay) => Object.assign(relay, { announce: () => undefined }));
  await work(50);
  await equal();
  await counted(made);
});

test('what was announced in part is found in the log', async () => {
  const relay = startRelay();
  const announce = relay.announce.bind(relay);
  let commits = 0;
  relay.announce = (events) => (++commits % 3 === 0 ? undefined : announce(events));
  const working = [];
  for (const _ of from1(60)) {
    working.push(work(5));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(working);
  await equal();
});

test('a second relay makes nothing double and nothing out of order', async () => {
  startRelay();
  startRelay();
  for (const _ of from1(10)) await work(30);
  await equal();
});

test('a relay that takes over goes on where the stream ends', async () => {
  const first = startRelay();
  await work(30);
  await first.stop();
  relays = [];
  await work(30);
  startRelay();
  await work(30);
  await equal();
});

test('a broker that is killed under load and comes back with its store costs no event', async () => {
  startRelay();
  const made = await startTally();
  const load = (async () => {
    for (const _ of from1(10)) await work(20);
  })();
  await until(() => made.consumer.position > 20);
  await nats.kill();
  await load;
  await nats.restart();
  await equal();
  await counted(made);
  await brings(made);
});

test('a broker that comes back with an empty store is filled again, and nothing is applied twice', async () => {
  const relay = startRelay();
  const made = await startTally();
  await work(100);
  await counted(made);
  await nats.kill();
  nats.forget();
  await work(50);
  await counted(made);
  await nats.restart();
  await work(50);
  await equal();
  expect(relay.report().lastError).toBe('the connection was lost');
  await counted(made);
  await brings(made);
});
