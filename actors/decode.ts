/** Events back from the wire, with their names; each is parsed once however many handlers look at it. */
import { type ContextContract, wireType } from '../contracts/common.ts';
import type { StoredEvent } from './ports/events.ts';

export type DecodedEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Wire type -> name, for every event of the given contexts. An unknown type decodes to undefined: it is newer than this code. */
export const decoderOf = (
  contracts: readonly ContextContract[],
): ((event: StoredEvent) => DecodedEvent | undefined) => {
  const names = new Map<string, string>();
  for (const { context, events } of contracts)
    for (const name of Object.keys(events)) names.set(wireType(context, name), name);
  const parsed = new WeakMap<StoredEvent, DecodedEvent>();
  return (event) => {
    const known = parsed.get(event);
    if (known) return known;
    const type = names.get(event.type);
    if (type === undefined) return undefined;
    const decoded = { ...(JSON.parse(event.body) as object), type };
    parsed.set(event, decoded);
    return decoded;
  };
};
