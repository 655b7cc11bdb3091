/** Events on JetStream: one stream a context, CloudEvents in binary mode, the position in the log as an attribute. */
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Delivery, EventStream, StoredEvent } from '../../actors/ports/events.ts';
import type { OutboxEvent } from '../../actors/ports/journal.ts';
import { AckCollector } from './acks.ts';
import { type Broker, isMissing } from './connection.ts';
import { headersOf, receivedFrom } from './envelope.ts';

/** Nanoseconds that a delivery may stay unacknowledged. */
const ACK_WAIT = 30e9;
const RETRY = 500;
/** Messages that the broker sends before they are asked for. */
const AHEAD = 500;
const ACK = '+ACK';

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

  async pull(
    context: string,
    consumer: string,
    receive: (delivery: Delivery) => Promise<void> | void,
  ): Promise<{ stop(): Promise<void> }> {
    const puller = new Puller(this.#broker, context, consumer, receive);
    puller.start();
    return puller;
  }
}

/** Keeps one durable consumer pulling; makes stream and consumer anew when the broker has lost them. */
class Puller {
  readonly #broker: Broker;
  readonly #context: string;
  readonly #consumer: string;
  readonly #receive: (delivery: Delivery) => Promise<void> | void;
  #messages?: ConsumerMessages;
  #stopped = false;
  #ended?: Promise<void>;

  constructor(
    broker: Broker,
    context: string,
    consumer: string,
    receive: (delivery: Delivery) => Promise<void> | void,
  ) {
    this.#broker = broker;
    this.#context = context;
    this.#consumer = consumer;
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
          await this.#receive(this.#deliveryOf(message));
        }
      } catch {
        // Broker away, stream or consumer lost: what is missed meanwhile is read from the log, this only tries again.
      }
      if (!this.#stopped) await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }

  async #consume(): Promise<ConsumerMessages> {
    const { manager, client, streamOf, ensureStream } = this.#broker;
    const stream = streamOf(this.#context);
    await ensureStream(this.#context);
    try {
      await manager.consumers.info(stream, this.#consumer);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await manager.consumers.add(stream, {
        durable_name: this.#consumer,
        ack_policy: 'all',
        ack_wait: ACK_WAIT,
        max_ack_pending: 20_000,
      });
    }
    const consumer = await client.consumers.get(stream, this.#consumer);
    return consumer.consume({ max_messages: AHEAD, abort_on_missing_resource: true });
  }

  /** It may wait long: its message need not. Nobody waits for an acknowledgement, so that there is none after the end. */
  #deliveryOf(message: JsMsg): Delivery {
    const { connection } = this.#broker;
    const { reply, ...delivery } = receivedFrom(this.#context, message);
    return { ...delivery, ack: () => connection.isClosed() || connection.publish(reply, ACK) };
  }
}
