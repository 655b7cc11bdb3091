/** Events on JetStream: one stream a context, CloudEvents in binary mode, the position in the log as an attribute. */
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { Delivery, EventStream, StoredEvent } from '../../actors/ports/events.ts';
import type { OutboxEvent } from '../../actors/ports/journal.ts';
import { AckCollector } from './acks.ts';
import { type Broker, isMissing } from './connection.ts';

/** Nanoseconds that a delivery may stay unacknowledged. */
const ACK_WAIT = 30e9;
const RETRY = 500;

/**
 * The attributes as a block of headers, written in one go: the client's own builder checks and files every name, which
 * costs more than all the rest of a publish. All that `publish` asks of headers is `encode` (pinned version, see the test).
 */
const headersOf = (event: OutboxEvent | StoredEvent, incarnation: number): MsgHdrs => {
  const { context, position, type, aggregate, sequence, metadata } = event;
  const { at, correlationId, causationId, traceparent } = metadata;
  const id = `${context}/${position}`;
  const block = `NATS/1.0\r\nNats-Msg-Id: ${incarnation === 1 ? id : `${incarnation}:${id}`}\r
ce-specversion: 1.0\r\nce-id: ${id}\r\nce-source: /tradewind/${context}\r\nce-type: ${type}\r\nce-subject: ${aggregate}\r
ce-time: ${at}\r\nce-datacontenttype: application/json\r\nce-position: ${position}\r\nce-sequence: ${sequence}\r
ce-incarnation: ${incarnation}\r\nce-correlationid: ${oneLine(correlationId)}\r\nce-causationid: ${oneLine(causationId)}\r
${traceparent ? `ce-traceparent: ${oneLine(traceparent)}\r\n` : ''}\r\n`;
  return { encode: () => encoder.encode(block) } as unknown as MsgHdrs;
};

const encoder = new TextEncoder();
/** What comes from outside must not end the header that it stands in. */
const oneLine = (text: string): string => text.replace(/[\r\n]/g, ' ');

export const eventOf = (context: string, message: JsMsg): StoredEvent => {
  const get = (name: string) => message.headers?.get(name) ?? '';
  return {
    context,
    position: Number(get('ce-position')),
    type: get('ce-type'),
    aggregate: get('ce-subject'),
    sequence: Number(get('ce-sequence')),
    body: message.string(),
    metadata: {
      at: get('ce-time'),
      correlationId: get('ce-correlationid'),
      causationId: get('ce-causationid'),
      traceparent: get('ce-traceparent') || undefined,
    },
  };
};

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
    return consumer.consume({ max_messages: 1_000, abort_on_missing_resource: true });
  }

  #deliveryOf(message: JsMsg): Delivery {
    const incarnation = Number(message.headers?.get('ce-incarnation') ?? 1);
    return { event: eventOf(this.#context, message), incarnation, ack: () => message.ack() };
  }
}
