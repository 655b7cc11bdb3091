/** What is made of a message without the client's headers, against the client's headers; and that the message may go. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ConsumerInfo, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Delivery, StoredEvent } from '../../actors/ports/events.ts';
import { type Broker, openBroker } from '../../adapters/nats/connection.ts';
import { NatsEventStream } from '../../adapters/nats/event-stream.ts';
import { from1 } from '../kit/bench.ts';
import { natsUrl } from '../kit/servers.ts';
import { until } from '../kit/until.ts';

const CONTEXT = 'inventory';
let broker: Broker;
let stream: NatsEventStream;
const stopping: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const namespace = `envelope${process.pid}`;
  broker = await openBroker({ url: natsUrl(), contexts: [CONTEXT], namespace, name: 'test' });
  stream = new NatsEventStream(broker);
});
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
  await broker.manager.streams.delete(broker.streamOf(CONTEXT));
});
afterAll(() => broker.close());

const event = (position: number, more: Partial<StoredEvent> = {}): StoredEvent => ({
  context: CONTEXT,
  position,
  type: 'inventory.stock-received.v1',
  aggregate: `inventory-item/чай: "${position}"`,
  sequence: position,
  body: JSON.stringify({ sku: `чай-${position}`, text: 'ce-type: none\r\n' }),
  metadata: {
    at: '2026-03-01T12:00:00.000Z',
    correlationId: 'c',
    causationId: `c/${position}`,
    traceparent: undefined,
  },
  ...more,
});
const published = async (events: readonly StoredEvent[], incarnation = 1) => {
  await broker.ensureStream(CONTEXT);
  await stream.publish(CONTEXT, events, incarnation);
};
/** What the stream brings. */
const delivered = async (count: number): Promise<readonly Delivery[]> => {
  const all: Delivery[] = [];
  const puller = await stream.pull(CONTEXT, (delivery) => void all.push(delivery));
  stopping.push(() => puller.stop());
  await until(() => all.length === count, { what: `${count} deliveries` });
  return all;
};
/** The stream's first message, as the client gives it. */
const message = async (): Promise<JsMsg> => {
  const consumer = await broker.client.consumers.get(broker.streamOf(CONTEXT));
  return (await consumer.next())!;
};

/** The broker, with a weak eye on every message that it gives. */
const watched = (given: WeakRef<JsMsg>[]): Broker => {
  const eyed = async function* (messages: ConsumerMessages) {
    for await (const one of messages) {
      given.push(new WeakRef(one));
      yield one;
    }
  };
  const getConsumerFromInfo = (info: ConsumerInfo) => {
    const consumer = broker.client.consumers.getConsumerFromInfo(info);
    const consume = async (...how: Parameters<typeof consumer.consume>) => {
      const messages = await consumer.consume(...how);
      return { stop: () => messages.stop(), [Symbol.asyncIterator]: () => eyed(messages) };
    };
    return { consume };
  };
  return { ...broker, client: { consumers: { getConsumerFromInfo } } as unknown as Broker['client'] };
};
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
};

test('an event comes out as it went in, whatever stands in it, and nothing of it is taken for an attribute', async () => {
  const metadata = { at: '2026-03-01T12:00:00.000Z', causationId: ' a:b ', traceparent: '00-1-2-01' };
  const sent = event(7, { metadata: { ...metadata, correlationId: 'x\r\nce-type: other' } });
  await published([sent], 3);
  const [{ event: got, incarnation }] = (await delivered(1)) as [Delivery];
  expect(incarnation).toBe(3);
  expect(got).toEqual({ ...sent, metadata: { ...metadata, causationId: 'a:b', correlationId: 'x  ce-type: other' } });
  const { headers } = await message();
  expect(headers!.get('ce-type')).toBe(got.type);
  expect(headers!.get('ce-subject')).toBe(got.aggregate);
  expect(headers!.get('ce-correlationid')).toBe(got.metadata.correlationId);
  expect(headers!.get('ce-traceparent')).toBe(got.metadata.traceparent);
});

test('deliveries that wait keep none of their messages', async () => {
  const given: WeakRef<JsMsg>[] = [];
  stream = new NatsEventStream(watched(given));
  await published(from1(300).map((position) => event(position)));
  const waiting = await delivered(300);
  expect(given.length).toBe(300);
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  // The client may hold on to the last one that it gave.
  expect(given.filter((one) => one.deref()).length).toBeLessThan(5);
  expect(waiting.at(-1)!.event).toEqual(event(300));
});
