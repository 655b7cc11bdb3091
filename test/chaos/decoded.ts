/** Events back from the outbox, and the ids that requests lead to. */
import { decoderOf } from '../../actors/decode.ts';
import type { StoredEvent } from '../../actors/ports/events.ts';
import { identify } from '../../adapters/http/idempotency.ts';
import { isRefused } from '../../adapters/http/problems.ts';
import { CONTEXTS } from '../../src/contexts.ts';
import type { Exchange, Log, OutboxRow } from './rows.ts';

const decode = decoderOf(CONTEXTS);

export const storedOf = (context: string, { metadata, ...row }: OutboxRow): StoredEvent => ({
  context,
  ...row,
  metadata: JSON.parse(metadata),
});
export const decodedOf = <Event>(context: string, row: OutboxRow): Event => decode(storedOf(context, row)) as Event;

/** All events of a context, in the order of its log. */
export const eventsOf = <Event>(context: string, { outbox }: Log): readonly Event[] =>
  outbox.map((row) => decodedOf<Event>(context, row));

/** The command that caused an event. */
export const causeOf = ({ metadata }: OutboxRow): string =>
  (JSON.parse(metadata) as { causationId: string }).causationId;

/** Of a request with a key: under this id its command is remembered. `route`: with its parameters by name. */
export const commandIdOf = (
  { who, method, key }: Pick<Exchange, 'who' | 'method' | 'key'>,
  route: string,
  params?: Readonly<Record<string, string>>,
): string => {
  const identity = identify(key, who, `${method.toLowerCase()} ${route} ${JSON.stringify(params)}`, undefined);
  if (isRefused(identity)) throw new Error(`${key} is no key`);
  return identity.commandId;
};
