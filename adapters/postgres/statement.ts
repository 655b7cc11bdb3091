/**
 * One statement per commit: the rows of many changes as data-modifying CTEs, as arrays or as one JSON text each. It checks
 * that every guarded row was at the version it was decided on, and ends by taking positions in the logs, so that positions
 * have no gaps and stand in commit order, also across nodes.
 */
import type { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import type { CommandRecord, OutboxEvent } from '../../actors/ports/journal.ts';
import { type Field, quoted, type RowSource, rowSource } from './row-source.ts';
import { textArray } from './text-array.ts';
import type { Write } from './writes.ts';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Of the prepared statement that has this text; planning a statement of twenty parts costs more than running it. */
  readonly name?: string;
}

interface Column extends Field {
  readonly column: string;
  readonly key: boolean;
}

/** The text of a kind of write, `$rows` in the place of its rows. */
interface Shape {
  readonly text: string;
  readonly source: RowSource;
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

  readonly #schema?: string;

  /** `schema`: where everything is written, instead of where its entity lives. */
  constructor(orm: MikroORM, schema?: string) {
    this.#orm = orm;
    this.#schema = schema;
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
    const shape = this.#compose(write);
    this.#shapes.set(name, shape);
    return shape;
  }

  #compose(write: Write): Shape {
    const columns = this.#columnsOf(write.entity);
    const table = this.#table(write.entity);
    const keys = columns.filter(({ key }) => key);
    const match = keys.map(({ column, property }) => `t.${quoted(column)} = r.${quoted(property)}`).join(' and ');
    switch (write.kind) {
      case 'delete':
        return { text: `delete from ${table} t using $rows where ${match}`, source: rowSource(keys, false) };
      case 'update':
        return this.#update(write, keys, match);
      case 'cut':
        return this.#cut(write);
      case 'insert':
        return { text: insertInto(table, columns), source: rowSource(columns, true) };
      case 'ensure':
        return { text: `${insertInto(table, columns)} on conflict do nothing`, source: rowSource(columns, true) };
      case 'upsert':
        return { text: `${insertInto(table, columns)} ${replacing(columns)}`, source: rowSource(columns, true) };
    }
  }

  #cut({ entity, set = [] }: Write): Shape {
    const parents = this.#columnsOf(entity).filter(({ property }) => set.includes(property));
    const theirs = parents.map(({ column, property }) => `t.${quoted(column)} = r.${quoted(property)}`).join(' and ');
    const text = `delete from ${this.#table(entity)} t using $rows where ${theirs} and t.ordinal >= r.ordinal`;
    return { text, source: rowSource([...parents, { property: 'ordinal', type: 'int' }], false) };
  }

  #update({ entity, set = [], guard, keepNulls }: Write, keys: readonly Column[], match: string): Shape {
    const changed = this.#columnsOf(entity).filter(({ property }) => set.includes(property));
    const assign = changed.map(({ column, property }) => {
      const value = `r.${quoted(property)}`;
      return `${quoted(column)} = ${keepNulls ? `coalesce(${value}, t.${quoted(column)})` : value}`;
    });
    if (guard === 'version') assign.push('updated_at = now()');
    const still = guard ? ` and t.${guard} = r."from"` : '';
    const from = guard ? [{ property: 'from', type: 'bigint' }] : [];
    const text = `update ${this.#table(entity)} t set ${assign.join(', ')} from $rows where ${match}${still}`;
    return { text, source: rowSource([...keys, ...changed, ...from], false) };
  }

  #table(entity: EntitySchema): string {
    return `${this.#schema ?? entity.meta.schema}.${entity.meta.tableName}`;
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

const insertInto = (table: string, columns: readonly Column[]): string =>
  `insert into ${table} (${columns.map(({ column }) => quoted(column)).join(', ')}) select ${columns.map(({ property }) => `r.${quoted(property)}`).join(', ')} from $rows`;

const replacing = (columns: readonly Column[]): string => {
  const keys = columns.filter(({ key }) => key).map(({ column }) => quoted(column));
  const others = columns
    .filter(({ key }) => !key)
    .map(({ column }) => `${quoted(column)} = excluded.${quoted(column)}`);
  return `on conflict (${keys.join(', ')}) do update set ${others.join(', ')}`;
};
