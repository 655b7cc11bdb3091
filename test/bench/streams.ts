/** Is everything that was committed also in the stream, once, in order and byte for byte? */
import { createHash } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Client } from 'pg';
import { Relay } from '../../actors/relay.ts';
import { openBroker } from '../../adapters/nats/connection.ts';
import { receivedFrom } from '../../adapters/nats/envelope.ts';
import { NatsEventStream } from '../../adapters/nats/event-stream.ts';
import { natsOptions } from '../../adapters/nats/options.ts';
import { contextNames } from '../../src/contexts.ts';
import type { Engine } from '../../src/engine.ts';
import { withClient } from '../kit/servers.ts';
import { until } from '../kit/until.ts';

export interface Comparison {
  readonly context: string;
  readonly outbox: number;
  readonly stream: number;
  readonly equal: boolean;
}

interface Told {
  readonly position: number;
  readonly type: string;
  readonly aggregate: string;
  readonly sequence: number;
  readonly body: string;
}
/** Counts events and digests what they say; `ordered` while each follows the one before. */
const tally = () => {
  const hash = createHash('sha256');
  const sum = { count: 0, ordered: true };
  return {
    sum,
    add: ({ position, type, aggregate, sequence, body }: Told) => {
      sum.count += 1;
      sum.ordered &&= position === sum.count;
      hash.update(`${position} ${type} ${aggregate} ${sequence} ${body}\n`);
    },
    digest: () => hash.digest('hex'),
  };
};

/** Events, or messages, that are read at once. */
const PAGE = 5_000;
const WITHIN = { timeout: 180_000, every: 50 };

const readOutbox = async (db: Client, context: string) => {
  const found = tally();
  for (let last = 0, read = PAGE; read === PAGE; ) {
    const { rows } = await db.query<Told & { position: string }>(
      `select position, type, aggregate, sequence, body from ${context}.outbox_events where position > $1 order by position limit ${PAGE}`,
      [last],
    );
    for (const row of rows) found.add({ ...row, position: Number(row.position) });
    last = Number(rows.at(-1)?.position ?? last);
    read = rows.length;
  }
  return found;
};

const readStream = async (connection: NatsConnection, name: string, context: string, atLeast: number) => {
  const manager = await jetstreamManager(connection);
  const length = async () => (await manager.streams.info(name)).state.messages;
  await until(async () => (await length()) >= atLeast, { ...WITHIN, what: `${atLeast} events in ${name}` });
  const messages = await length();
  const found = tally();
  const consumer = await jetstream(connection).consumers.get(name);
  while (found.sum.count < messages) {
    const page = Math.min(PAGE, messages - found.sum.count);
    for await (const message of await consumer.fetch({ max_messages: page, expires: 2_000 }))
      found.add(receivedFrom(context, message).event);
  }
  return found;
};

interface Where {
  readonly contexts?: readonly string[];
  /** As in the settings of the broker. */
  readonly namespace?: string;
}

/** Compares every outbox with its stream, once the relays have caught up. */
export const compareStreams = async (
  databaseUrl: string,
  natsUrl: string,
  { contexts = contextNames, namespace = 'tradewind' }: Where = {},
): Promise<readonly Comparison[]> => {
  const connection = await connect(natsOptions(natsUrl));
  const compare = async (db: Client, context: string): Promise<Comparison> => {
    const outbox = await readOutbox(db, context);
    const name = `${namespace}_${context}`.toUpperCase();
    const stream = await readStream(connection, name, context, outbox.sum.count);
    const equal = outbox.sum.ordered && stream.sum.ordered && outbox.digest() === stream.digest();
    return { context, outbox: outbox.sum.count, stream: stream.sum.count, equal };
  };
  try {
    return await withClient(databaseUrl, async (db) => {
      const found: Comparison[] = [];
      for (const context of contexts) found.push(await compare(db, context));
      return found;
    });
  } finally {
    await connection.close();
  }
};

/** A relay of `context` on a broker, as the application has it. */
export const relayTo = async (natsUrl: string, namespace: string, engine: Engine, context: string) => {
  const broker = await openBroker({ url: natsUrl, contexts: [context], namespace, name: namespace });
  const { log, registry } = engine;
  const relay = new Relay({ context, log, stream: new NatsEventStream(broker), registry });
  const stop = async () => {
    await relay.stop();
    await broker.close();
  };
  return { relay, stop };
};

/** Publishes what was committed while there was no relay, and compares. */
export const publishAndCompare = async (databaseUrl: string, natsUrl: string, namespace: string, engine: Engine) => {
  const [[context, head]] = Object.entries(await engine.log.heads()) as [
    [string, { position: number; incarnation: number }],
  ];
  const { relay, stop } = await relayTo(natsUrl, namespace, engine, context);
  relay.start();
  relay.headIs(head.position, head.incarnation);
  await until(() => relay.report().detail?.published === head.position, { ...WITHIN, what: 'the relay' });
  await stop();
  return compareStreams(databaseUrl, natsUrl, { contexts: [context], namespace });
};
