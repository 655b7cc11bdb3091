/**
 * One statement per commit: the rows of many changes as data-modifying CTEs, as arrays or as one JSON text each. It checks
 * that every guarded row was at the version it was decided on, and ends by taking positions in the logs, so that positions
 * have no gaps and stand in commit order, also across nodes.
 */
import type { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import type { CommandRecord, OutboxEvent } from '../../actors/ports/journal.ts';
import { quoted, type RowData } from './row-source.ts';
import { type Column, compose, type Kind, type Shape } from './shapes.ts';
import { textArray } from './text-array.ts';

export type { RowData } from './row-source.ts';

export interface Write extends Kind {
  readonly entity: EntitySchema;
  readonly rows: readonly RowData[];
}

// biome-ignore lint/suspicious/noExplicitAny: entities of any shape
type Entity = EntitySchema<any, any, any>;
export const insert = (entity: Entity, rows: readonly RowData[]): Write => ({ entity, kind: 'insert', rows });
/** Moves rows from the version `from` to `version`; fails the whole statement when one has moved on. */
export const move = (entity: Entity, rows: readonly RowData[], set: readonly string[]): Write => ({
  entity,
  kind: 'update',
  rows,
  set: [...set, 'version', 'updatedBy'],
  guard: 'version',
});
/** Changes rows that belong to a guarded one; each of them must exist. */
export const update = (entity: Entity, rows: readonly RowData[], set: readonly string[]): Write => ({
  entity,
  kind: 'update',
  rows,
  set,
});
/** As `update`, where null means: as it was. */
export const patch = (entity: Entity, rows: readonly RowData[], set: readonly string[]): Write => ({
  ...update(entity, rows, set),
  keepNulls: true,
});
export const upsert = (entity: Entity, rows: readonly RowData[]): Write => ({ entity, kind: 'upsert', rows });
export const remove = (entity: Entity, rows: readonly RowData[]): Write => ({ entity, kind: 'delete', rows });
/**
 * Makes lists as long as the rows say: of each parent, all children whose `ordinal` is the row's or higher go. With an
 * `upsert` of the ones that stay, a list is replaced.
 */
export const cut = (entity: Entity, parent: readonly string[], rows: readonly RowData[]): Write => ({
  entity,
  kind: 'cut',
  rows,
  set: parent,
});

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Of the prepared statement that has this text; planning a statement of twenty parts costs more than running it. */
  readonly name?: string;
}

export interface ContextWrites {
  readonly context: string;
  readonly events: readonly OutboxEvent[];
  readonly commands: readonly CommandRecord[];
  /** Ids of which no record may be there. */
  readonly unrecorded: readonly string[];
}

/** Prepared statements that a session keeps; there are about as many shapes as sets of aggregate types in a batch. */
const PREPARED = 300;

export class StatementBuilder {
  readonly #orm: MikroORM;
  readonly #columns = new Map<string, readonly Column[]>();
  readonly #shapes = new Map<string, Shape>();
  readonly #names = new Map<string, string>();

  constructor(orm: MikroORM) {
    this.#orm = orm;
  }

  /**
   * Fails with TW001 when a row has moved on, with TW002 when another node has the lease, with TW003 when a command that
   * rows remember has a record.
   */
  build(
    writes: readonly Write[],
    contexts: readonly ContextWrites[],
    lease?: { name: string; epoch: number },
  ): Statement {
    const values: unknown[] = [];
    const ctes: string[] = [];
    const checks: string[] = [];
    const param = (value: unknown): string => `$${values.push(value)}`;
    if (lease) {
      ctes.push(
        `held as (select 1 from engine.leases where name = ${param(lease.name)} and epoch = ${param(lease.epoch)} for share)`,
      );
      checks.push(`engine.expect('TW002', 'lease', (select count(*) from held), 1)`);
    }
    writes.forEach((write, i) => {
      const { text, source } = this.#shapeOf(write);
      ctes.push(`w${i} as (${text.replace('$rows', source.text(source.values(write.rows).map(param)))} returning 1)`);
      if (write.kind !== 'update') return;
      checks.push(
        `engine.expect('TW001', '${this.#table(write.entity)}', (select count(*) from w${i}), ${param(write.rows.length)})`,
      );
    });
    for (const { context, unrecorded } of contexts) {
      const recorded = `(select count(*) from ${context}.commands where id = any(${param(unrecorded)}::text[]))`;
      checks.push(`engine.expect('TW003', '${context}.commands', ${recorded}, 0)`);
    }
    if (checks.length > 0) ctes.push(`checked as (select ${checks.join(' and ')} as ok)`);
    for (const each of contexts) ctes.push(...this.#contextCtes(each, param, checks.length > 0));
    const heads = contexts
      .filter(({ events }) => events.length > 0)
      .map(({ context }) => `(select position from ${context}_head) as ${quoted(context)}`);
    const ok = checks.length > 0 ? ['(select ok from checked) as ok'] : [];
    const text = `with ${ctes.join(',\n')}\nselect ${[...heads, ...ok].join(', ') || '1'}`;
    return { text, values, name: this.#nameOf(text) };
  }

  #nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known || this.#names.size >= PREPARED) return known;
    const name = `commit-${this.#names.size + 1}`;
    this.#names.set(text, name);
    return name;
  }

  #contextCtes(
    { context, events, commands }: ContextWrites,
    param: (value: unknown) => string,
    checked: boolean,
  ): string[] {
    const ctes: string[] = [];
    // Also without any: one shape of statement instead of two.
    ctes.push(`${context}_commands as (insert into ${context}.commands (id, aggregate, principal, fingerprint, rejection)
      select * from json_to_recordset(${param(JSON.stringify(commands))}::json) as r(id text, aggregate text, principal text, fingerprint text, rejection jsonb))`);
    if (events.length === 0) return ctes;
    // Columns as arrays: JSON within JSON is dear to write and dearer to read.
    const texts = (of: (event: OutboxEvent) => string) => `${param(textArray(events.map(of)))}::text[]`;
    const columns = [
      texts(({ aggregate }) => aggregate),
      `${param(`{${events.map(({ sequence }) => sequence).join()}}`)}::int[]`,
      texts(({ type }) => type),
      texts(({ body }) => body),
      texts(({ metadata }) => JSON.stringify(metadata)),
    ];
    ctes.push(
      `${context}_head as (update ${context}.log_head set position = position + ${param(events.length)}::bigint${checked ? ' where (select ok from checked)' : ''} returning position)`,
      `${context}_outbox as (insert into ${context}.outbox_events (position, aggregate, sequence, type, body, metadata)
        select h.position - ${param(events.length)}::bigint + r.i, r.aggregate, r.sequence, r.type, r.body, r.metadata from ${context}_head h,
        unnest(${columns.join(', ')}) with ordinality as r(aggregate, sequence, type, body, metadata, i))`,
    );
    return ctes;
  }

  #shapeOf(write: Write): Shape {
    const name = `${write.kind} ${write.entity.meta.className} ${write.set?.join() ?? ''} ${write.guard ?? ''} ${write.keepNulls ?? ''}`;
    const known = this.#shapes.get(name);
    if (known) return known;
    const shape = compose(this.#table(write.entity), this.#columnsOf(write.entity), write);
    this.#shapes.set(name, shape);
    return shape;
  }

  #table(entity: EntitySchema): string {
    return `${entity.meta.schema}.${entity.meta.tableName}`;
  }

  #columnsOf(entity: EntitySchema): readonly Column[] {
    const name = entity.meta.className;
    const known = this.#columns.get(name);
    if (known) return known;
    const columns = this.#orm
      .getMetadata()
      .getByClassName(name)
      .props.filter((prop) => prop.persist !== false)
      .map((prop) => ({
        property: prop.name,
        column: prop.fieldNames[0]!,
        type: prop.columnTypes[0]!,
        key: prop.primary === true,
      }));
    this.#columns.set(name, columns);
    return columns;
  }
}
