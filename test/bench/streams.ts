/** Is everything that was committed also in the stream, once and in order? */
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { contextNames } from '../../src/contexts.ts';
import { withClient } from '../kit/servers.ts';
import { until } from '../kit/until.ts';

export interface Comparison {
  readonly context: string;
  readonly outbox: number;
  readonly stream: number;
  readonly equal: boolean;
}

/** Compares ids and order of every outbox with its stream, once the relays have caught up. */
export const compareStreams = async (databaseUrl: string, natsUrl: string): Promise<readonly Comparison[]> => {
  const { host, username, password } = new URL(natsUrl);
  const connection = await connect({ servers: host, user: username, pass: decodeURIComponent(password) });
  const manager = await jetstreamManager(connection);
  const client = jetstream(connection);
  const found: Comparison[] = [];
  for (const context of contextNames) {
    const head = await withClient(databaseUrl, async (db) =>
      Number((await db.query(`select position from ${context}.log_head`)).rows[0].position),
    );
    const name = `TRADEWIND_${context}`.toUpperCase();
    await until(async () => (await manager.streams.info(name)).state.messages >= head, { timeout: 20_000 });
    const positions: number[] = [];
    const consumer = await client.consumers.get(name, { deliver_policy: 'all' } as never);
    const { messages } = (await manager.streams.info(name)).state;
    while (positions.length < messages) {
      for await (const message of await consumer.fetch({ max_messages: 1_000, expires: 2_000 }))
        positions.push(Number(message.headers?.get('ce-position')));
    }
    const equal = positions.length === head && positions.every((position, i) => position === i + 1);
    found.push({ context, outbox: head, stream: positions.length, equal });
  }
  await connection.close();
  return found;
};
