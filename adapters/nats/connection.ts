/** The connection to the broker, and the streams that must be there, also after the broker came back empty. */
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { natsOptions } from './options.ts';

export interface BrokerOptions {
  /** Several servers: separated by commas. */
  readonly url: string;
  readonly contexts: readonly string[];
  /** Prefix of streams and subjects, for several installations on one broker. */
  readonly namespace?: string;
  readonly name: string;
}

export interface Broker {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly subjectOf: (type: string) => string;
  readonly streamOf: (context: string) => string;
  /** Creates the context's stream unless it is there. */
  ensureStream(context: string): Promise<void>;
  onConnected(callback: () => void): () => void;
  close(): Promise<void>;
}

/** How long the broker recognises a message id, in nanoseconds. */
const DUPLICATE_WINDOW = 120e9;

export const openBroker = async (options: BrokerOptions): Promise<Broker> => {
  const connection = await connect({
    ...natsOptions(options.url),
    name: options.name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    waitOnFirstConnect: true,
    timeout: 5_000,
  });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const prefix = options.namespace ? `${options.namespace}.` : '';
  const streamOf = (context: string) => `${options.namespace ?? 'tradewind'}_${context}`.toUpperCase();
  const listeners = new Set<() => void>();
  const broker: Broker = {
    connection,
    client: jetstream(connection),
    manager,
    subjectOf: (type) => `${prefix}events.${type}`,
    streamOf,
    ensureStream: (context) => ensureStream(manager, streamOf(context), `${prefix}events.${context}.>`),
    onConnected: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    close: () => connection.close(),
  };
  void watchReconnects(connection, listeners);
  return broker;
};

const ensureStream = async (manager: JetStreamManager, name: string, subject: string): Promise<void> => {
  try {
    await manager.streams.info(name);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await manager.streams.add({
      name,
      subjects: [subject],
      storage: 'file',
      retention: 'limits',
      duplicate_window: DUPLICATE_WINDOW,
    });
  }
};

/** Stream, consumer or message not found. */
export const isMissing = (error: unknown): boolean => {
  const { code, status, message } = error as { code?: unknown; status?: unknown; message?: unknown };
  return code === 404 || status === 404 || /not found|no message/i.test(String(message));
};

const watchReconnects = async (connection: NatsConnection, listeners: ReadonlySet<() => void>): Promise<void> => {
  for await (const status of connection.status()) {
    if (status.type === 'reconnect') for (const listener of listeners) listener();
  }
};
