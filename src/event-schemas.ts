/** JSON Schemas and the AsyncAPI document, made of the zod definitions that validate at run time. */
import { z } from 'zod';
import { type ContextContract, wireType } from '../contracts/common.ts';

export type Json = Readonly<Record<string, unknown>>;
export interface EventSchema {
  readonly context: string;
  readonly name: string;
  /** `orders.order-created.v1` */
  readonly wire: string;
  readonly schema: z.ZodObject;
}

export const eventSchemas = (contexts: readonly ContextContract[]): EventSchema[] =>
  contexts.flatMap(({ context, events }) =>
    Object.entries(events).map(([name, schema]) => ({ context, name, wire: wireType(context, name), schema })),
  );

/** A format says it all; the pattern that zod adds may differ with its next version, and released schemas never change. */
const withoutPattern = ({ jsonSchema }: { readonly jsonSchema: { format?: string; pattern?: string } }): void => {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
};
/** As it is read (`io: 'input'`): instants are strings, and a field that is not known yet is no error. */
const jsonSchema = (schema: z.ZodObject, target: 'draft-2020-12' | 'draft-07'): Json =>
  z.toJSONSchema(schema, { io: 'input', target, override: withoutPattern }) as Json;

/** The body of one event type: JSON Schema 2020-12. */
export const eventDocument = ({ name, wire, schema }: EventSchema): Json => {
  const { $schema, ...body } = jsonSchema(schema, 'draft-2020-12');
  return { $schema, $id: `urn:tradewind:event:${wire}`, title: name, ...body };
};

const text = (description: string) => ({ type: 'string', description });
const HEADERS = {
  type: 'object',
  description: 'CloudEvents 1.0, NATS binding, binary mode',
  required: ['ce-id', 'ce-source', 'ce-specversion', 'ce-type'],
  properties: {
    'ce-specversion': { type: 'string', const: '1.0' },
    'ce-id': text('context and position; unique for ever'),
    'ce-source': text('/tradewind/<context>'),
    'ce-type': text('the channel without `events.`'),
    'ce-subject': text('<aggregate type>/<key>'),
    'ce-time': { type: 'string', format: 'date-time' },
    'ce-datacontenttype': { type: 'string', const: 'application/json' },
    'ce-position': text('1, 2, 3, ... within the context'),
    'ce-sequence': text('1, 2, 3, ... within the aggregate'),
    'ce-incarnation': text('raised when the log was restored to an older point'),
    'ce-correlationid': text('the request or flow that it belongs to'),
    'ce-causationid': text('the command that caused it'),
    'ce-traceparent': text('W3C trace context'),
    'Nats-Msg-Id': text('the broker drops a repeat within two minutes'),
  },
};

/** AsyncAPI's own schema dialect is draft 7. */
const messageOf = ({ name, wire, schema }: EventSchema): Json => {
  const { $schema: _, ...payload } = jsonSchema(schema, 'draft-07');
  return {
    name: wire,
    title: name,
    contentType: 'application/json',
    headers: { $ref: '#/components/schemas/CloudEventHeaders' },
    payload,
  };
};

const channelOf = ({ wire, context }: EventSchema): Json => ({
  address: `events.${wire}`,
  messages: { [wire]: { $ref: `#/components/messages/${wire}` } },
  tags: [{ name: context }],
});

const operationOf = ({ wire }: EventSchema): Json => ({
  action: 'send',
  channel: { $ref: `#/channels/${wire}` },
  messages: [{ $ref: `#/channels/${wire}/messages/${wire}` }],
});

const byWire = (all: readonly EventSchema[], of: (one: EventSchema) => Json): Json =>
  Object.fromEntries(all.map((one) => [one.wire, of(one)]));

/** AsyncAPI 3.1: one channel per event type. */
export const asyncApiDocument = (contexts: readonly ContextContract[]): Json => {
  const all = eventSchemas(contexts);
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Tradewind events',
      version: '1',
      description: 'Every fact, at least once, in order per aggregate. De-duplicate by `ce-id`.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: byWire(all, channelOf),
    operations: byWire(all, operationOf),
    components: { schemas: { CloudEventHeaders: HEADERS }, messages: byWire(all, messageOf) },
  };
};
