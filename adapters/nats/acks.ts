/** Acknowledgements of publishes, collected on one inbox with one timer a batch: a request object per message costs more. */
import { createInbox, type NatsConnection } from '@nats-io/transport-node';

interface Awaited {
  left: number;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

const TIMEOUT = 5_000;

export class AckCollector {
  readonly #prefix = createInbox();
  readonly #batches = new Map<string, Awaited>();
  #next = 0;

  constructor(connection: NatsConnection) {
    connection.subscribe(`${this.#prefix}.*`, {
      callback: (error, message) => this.#receive(message.subject, error ?? undefined, message.string()),
    });
  }

  /** `send` is called once with the reply subject and publishes `count` messages to it. Resolves when all are stored. */
  collect(count: number, send: (reply: string) => void): Promise<void> {
    const key = String(++this.#next);
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => finish(new Error(`no acknowledgement within ${TIMEOUT} ms`)), TIMEOUT);
      const finish = (error?: Error) => {
        clearTimeout(timer);
        this.#batches.delete(key);
        if (error) reject(error);
        else resolve();
      };
      this.#batches.set(key, { left: count, done: finish, failed: finish });
      try {
        send(`${this.#prefix}.${key}`);
      } catch (error) {
        finish(error as Error);
      }
    });
  }

  /** After a loss of the connection nobody answers any more: whoever waits shall not wait for the time-out. */
  abandon(): void {
    for (const { failed } of [...this.#batches.values()]) failed(new Error('the connection was lost'));
  }

  #receive(subject: string, error: Error | undefined, body: string): void {
    const batch = this.#batches.get(subject.slice(this.#prefix.length + 1));
    if (!batch) return;
    // An empty body is the broker's "no responders": there is no stream for the subject.
    if (error || body === '' || body.includes('"error"')) return batch.failed(error ?? new Error(body || 'no stream'));
    batch.left -= 1;
    if (batch.left === 0) batch.done();
  }
}
