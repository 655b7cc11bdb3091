/**
 * Events as messages: CloudEvents in binary mode. The client's own headers check and file every name, which costs more than
 * all the rest of a message; so this knows more of the client than its types say (pinned version, see the test).
 */
import type { JsMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { Delivery, StoredEvent } from '../../actors/ports/events.ts';
import type { OutboxEvent } from '../../actors/ports/journal.ts';

/** The attributes as a block of headers, written in one go. All that `publish` asks of headers is `encode`. */
export const headersOf = (event: OutboxEvent | StoredEvent, incarnation: number): MsgHdrs => {
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
const decoder = new TextDecoder();
/** What comes from outside must not end the header that it stands in. */
const oneLine = (text: string): string => text.replace(/[\r\n]/g, ' ');

/** What the client keeps of a message. Its own `headers` would stay in memory as long as any message that came with it. */
interface Kept {
  readonly msg: { readonly _rdata: Uint8Array; readonly _msg: { readonly hdr: number } };
}
const blockOf = ({ msg: { _rdata, _msg } }: Kept): string => decoder.decode(_rdata.subarray(0, _msg.hdr));
/** Empty: it is not there. */
const valueIn = (block: string, name: string): string => {
  const begin = block.indexOf(`\n${name}:`);
  if (begin < 0) return '';
  const from = begin + name.length + 2;
  return block.slice(from, block.indexOf('\r', from)).trim();
};

/** Holds nothing of the message itself, which is several times as large. */
export const receivedFrom = (context: string, message: JsMsg): Delivery => {
  const block = blockOf(message as unknown as Kept);
  const get = (name: string) => valueIn(block, `ce-${name}`);
  const metadata = {
    at: get('time'),
    correlationId: get('correlationid'),
    causationId: get('causationid'),
    traceparent: get('traceparent') || undefined,
  };
  const event = {
    context,
    position: Number(get('position')),
    type: get('type'),
    aggregate: get('subject'),
    sequence: Number(get('sequence')),
    body: message.string(),
    metadata,
  };
  return { event, incarnation: Number(get('incarnation') || 1) };
};
