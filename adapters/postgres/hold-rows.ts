/** Holds in their tables: promises with an end, made by one aggregate to somebody. */
import { type EntitySchema, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Hold, HoldRow } from '../../domains/kernel/holds.ts';
import { instant } from './mapping.ts';
import { insert, patch, type RowData, type Write } from './writes.ts';

/** Beside the aggregate's key and whom the promise is made to. A tombstone has quantity 0 and neither owner nor end. */
export const holdColumns = () => ({
  id: p.text().primary(),
  quantity: p.integer(),
  status: p.text(),
  expiresAt: p.datetime(6).nullable(),
});

export interface StoredHold {
  readonly id: string;
  readonly status: string;
  readonly quantity: number;
  readonly expiresAt?: unknown;
}
/** `owner`: whom it is promised to; undefined: it is a tombstone. */
export const toHoldRow = <Owner extends object, Kept extends string>(
  { id, status, quantity, expiresAt }: StoredHold,
  owner: Owner | undefined,
): HoldRow<Owner & Hold, Kept> => {
  const hold = owner && { ...owner, quantity, expiresAt: instant(expiresAt) };
  return { id, status, hold } as HoldRow<Owner & Hold, Kept>;
};

/** SQL of the open holds of one aggregate as JSON: `StoredHold`s, each with its owner under the name of that property. */
export const openHolds = (
  table: string,
  of: { readonly parent: string; readonly owner: readonly [string, string] },
) => {
  const [property, column] = of.owner;
  return `(select json_agg(json_build_object('id', h.id, 'status', h.status, '${property}', h.${column}, 'quantity', h.quantity, 'expiresAt', h.expires_at) order by h.expires_at)
   from ${table} h where h.${of.parent} and h.status = 'held')`;
};

/** Rows of holds that a batch opens or changes, by id: one for each, however often it moved. */
export interface HoldChanges {
  readonly opened: Map<string, RowData>;
  readonly changed: Map<string, RowData>;
}
/** A hold's new status or end. */
export type Alteration = { readonly status: string } | { readonly expiresAt: string };

export const alter = ({ opened, changed }: HoldChanges, id: string, row: Alteration): void => {
  const fresh = opened.get(id);
  if (fresh) opened.set(id, { ...fresh, ...row });
  else changed.set(id, { ...(changed.get(id) ?? { id, status: null, expiresAt: null }), ...row });
};

/** `note` tells what an event does to the rows. */
export const holdWrites = <Event>(
  entity: EntitySchema,
  changes: readonly Change<unknown, Event>[],
  note: (rows: HoldChanges, event: Event) => void,
): readonly Write[] => {
  const rows: HoldChanges = { opened: new Map(), changed: new Map() };
  for (const { events } of changes) for (const event of events) note(rows, event);
  return [
    insert(entity, [...rows.opened.values()]),
    patch(entity, [...rows.changed.values()], ['status', 'expiresAt']),
  ];
};
