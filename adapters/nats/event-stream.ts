/** Events on JetStream: one stream a context, CloudEvents in binary mode, the position in the log as an attribute. */
import type { ConsumerMessages } from '@nats-io/jetstream';
import type { Delivery, EventStream, StoredEvent } from '../../actors/ports/events.ts';
import type { OutboxEvent } from '../../actors/ports/journal.ts';
import { AckCollector } from './acks.ts';
import type { Broker } from './connection.ts';
import { headersOf, receivedFrom } from './envelope.ts';

/** Nanoseconds that the broker remembers a puller that does not pull. */
const FORGOTTEN_AFTER = 60e9;
/** Milliseconds before now from which on a new puller brings events: more than one takes to come up, or clocks differ. */
const OVERLAP = 10_000;
const RETRY = 500;
/** Messages that the broker sends before they are asked for. */
const AHEAD = 500;

export class NatsEventStream implements EventStream {
  readonly #broker: Broker;
  readonly #acks: AckCollector;

  constructor(broker: Broker) {
    this.#broker = broker;
    this.#acks = new AckCollector(broker.connection);
    broker.onConnected(() => this.#acks.abandon());
  }

  async publish(_context: string, events: readonly (OutboxEvent | StoredEvent)[], incarnation: number): Promise<void> {
    const { connection, subjectOf } = this.#broker;
    await this.#acks.collect(events.length, (reply) => {
      for (const event of events) {
        connection.publish(subjectOf(event.type), event.body, { headers: headersOf(event, incarnation), reply });
      }
    });
  }

  async lastPosition(context: string, incarnation: number): Promise<number> {
    const { manager, streamOf, ensureStream } = this.#broker;
    await ensureStream(context);
    const { state } = await manager.streams.info(streamOf(context));
    if (state.last_seq === 0 || state.messages === 0) return 0;
    const last = await manager.streams.getMessage(streamOf(context), { seq: state.last_seq });
    if (Number(last?.header.get('ce-incarnation')) !== incarnation) return 0;
    return Number(last?.header.get('ce-position') ?? 0);
  }

  onConnected(callback: () => void): () => void {
    return this.#broker.onConnected(callback);
  }

  async pull(context: string, receive: (delivery: Delivery) => void): Promise<{ stop(): Promise<void> }> {
    const puller = new Puller(this.#broker, context, receive);
    puller.start();
    return puller;
  }
}

/** Keeps one consumer of the stream pulling; makes stream and consumer anew when the broker has lost them. */
class Puller {
  readonly #broker: Broker;
  readonly #context: string;
  readonly #receive: (delivery: Delivery) => void;
  #messages?: ConsumerMessages;
  #stopped = false;
  #ended?: Promise<void>;

  constructor(broker: Broker, context: string, receive: (delivery: Delivery) => void) {
    this.#broker = broker;
    this.#context = context;
    this.#receive = receive;
  }

  start(): void {
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#messages?.stop();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#messages = await this.#consume();
        for await (const message of this.#messages) {
          if (this.#stopped) break;
          this.#receive(receivedFrom(this.#context, message));
        }
      } catch {
        // Broker away, stream or consumer lost: what is missed meanwhile is read from the log, this only tries again.
      }
      if (!this.#stopped) await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }

  async #consume(): Promise<ConsumerMessages> {
    const { manager, client, streamOf, ensureStream } = this.#broker;
    await ensureStream(this.#context);
    const made = await manager.consumers.add(streamOf(this.#context), {
      ack_policy: 'none',
      deliver_policy: 'by_start_time',
      opt_start_time: new Date(Date.now() - OVERLAP).toISOString(),
      inactive_threshold: FORGOTTEN_AFTER,
      mem_storage: true,
    });
    const consumer = client.consumers.getConsumerFromInfo(made);
    return consumer.consume({ max_messages: AHEAD, abort_on_missing_resource: true });
  }
}
