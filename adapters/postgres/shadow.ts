/**
 * A view once more, in a schema of its own beside the live one: made like it, folded by somebody else, compared with it, and
 * put in its place. A schema apart lets every index and constraint have its name already.
 */
import type { Checkpoint } from '../../actors/ports/events.ts';
import type { Client, Row } from './database.ts';

export interface ShadowOf {
  /** The consumer's name. */
  readonly view: string;
  /** The context whose log it reads. */
  readonly source: string;
  /** The schema that it lives in. */
  readonly home: string;
  /** Its own table, and the property of its rows that is the key, as the column is named. */
  readonly table: string;
  readonly key: string;
  /** Tables that say the same of each row, whoever folded it. */
  readonly lists: readonly string[];
  /** Tables that only grow: not compared. */
  readonly hoards: readonly string[];
}

/** What is not the same in both. `first` shows one row of `keys[0]`, as each has it. */
export interface Differences {
  readonly count: number;
  /** At most 20. */
  readonly keys: readonly string[];
  readonly first?: { readonly table: string; readonly live: readonly Row[]; readonly rebuilt: readonly Row[] };
}

const SHOWN = 20;
/** Lock not available, or two that wait for each other. */
const NOT_NOW = /^(55P03|40P01)$/;
/** How far a view has come is where a batch of its events ended: chance, not meaning. */
const BY_CHANCE = 'position';

export class Shadow {
  readonly schema: string;
  readonly #client: Client;
  readonly #of: ShadowOf;

  /** `client`: a session of the tables' owner, and of nobody else. */
  constructor(client: Client, of: ShadowOf) {
    this.#client = client;
    this.#of = of;
    this.schema = `rebuild_${of.view.replaceAll('-', '_')}`;
  }

  /** Until this session ends. False: somebody else is at it. */
  async lock(): Promise<boolean> {
    const text = `select pg_try_advisory_lock(hashtext('rebuild'), hashtext($1)) as taken`;
    const [row] = await this.query<{ taken: boolean }>(text, [this.#of.view]);
    return row!.taken;
  }

  async query<R = Row>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.#client.query({ text, values })).rows as R[];
  }

  async within<T>(begin: string, work: () => Promise<T>): Promise<T> {
    await this.query(begin);
    try {
      const result = await work();
      await this.query('commit');
      return result;
    } catch (error) {
      await this.query('rollback');
      throw error;
    }
  }

  /** Empty tables with all but the indexes; what a run that was killed has left is thrown away. */
  async create(): Promise<void> {
    const { home, view, source } = this.#of;
    await this.drop();
    await this.query(`create schema ${this.schema}`);
    for (const table of [...this.#tables, 'checkpoints', 'dead_letters']) await this.#copy(table);
    await this.query(`insert into ${home}.checkpoints (consumer, source) values ($1, $2) on conflict do nothing`, [
      view,
      source,
    ]);
    await this.query(
      `insert into ${this.schema}.checkpoints (consumer, source, incarnation)
       select consumer, source, incarnation from ${home}.checkpoints where consumer = $1 and source = $2`,
      [view, source],
    );
  }

  /** Made at once over all that is there: quicker than row by row. */
  async index(): Promise<void> {
    for (const table of this.#tables) {
      const indexes = await this.query<{ definition: string }>(
        `select pg_get_indexdef(indexrelid) as definition from pg_index
         where indrelid = $1::regclass and not exists (select from pg_constraint where conindid = indexrelid)`,
        [this.#live(table)],
      );
      for (const { definition } of indexes)
        await this.query(definition.replace(` ON ${this.#live(table)} `, ` ON ${this.#own(table)} `));
      await this.query(`analyze ${this.#own(table)}`);
    }
  }

  async drop(): Promise<void> {
    await this.query(`drop schema if exists ${this.schema} cascade`);
  }

  /** Where the live view stands. `hold`: nobody moves it until the transaction ends. */
  async liveCheckpoint(hold = false): Promise<Checkpoint> {
    const { home, view, source } = this.#of;
    const [row] = await this.query<{ position: string; incarnation: number }>(
      `select position, incarnation from ${home}.checkpoints where consumer = $1 and source = $2${hold ? ' for update' : ''}`,
      [view, source],
    );
    return { position: Number(row!.position), edition: row!.incarnation };
  }

  /** Nobody reads or writes the live tables until the transaction ends. False: that cannot be had now. */
  async seize(): Promise<boolean> {
    const tables = this.#tables.map((table) => this.#live(table)).join(', ');
    await this.query('savepoint free');
    try {
      await this.query('set local lock_timeout = 300');
      await this.query(`lock table ${tables} in access exclusive mode`);
      return true;
    } catch (error) {
      if (!NOT_NOW.test(String((error as { code?: unknown }).code))) throw error;
      await this.query('rollback to savepoint free');
      return false;
    }
  }

  /** `keys`: of these only. Within a transaction in which both stand at the same position. */
  async compare(keys?: readonly string[]): Promise<Differences> {
    await this.query(`create temp table differences (tab text, key text, side text, shown jsonb) on commit drop`);
    for (const table of [this.#of.table, ...this.#of.lists]) await this.#differences(table, keys);
    const [total] = await this.query<{ count: number }>(`select count(distinct key)::int as count from differences`);
    const found = await this.query<{ key: string }>(`select distinct key from differences order by key limit ${SHOWN}`);
    const shown = await this.query<{ tab: string; side: string; shown: Row }>(
      `select tab, side, shown from differences where key = $1 order by tab`,
      [found[0]?.key ?? ''],
    );
    await this.query('drop table differences');
    const of = (side: string) =>
      shown.filter((row) => row.side === side && row.tab === shown[0]!.tab).map((row) => row.shown);
    const first = shown[0] && { table: shown[0].tab, live: of('live'), rebuilt: of('rebuilt') };
    return { count: total!.count, keys: found.map(({ key }) => key), first };
  }

  /** Puts these tables in the place of the live ones, and their dead letters too. Within the transaction that seized them. */
  async switch(): Promise<void> {
    const { home, view, source } = this.#of;
    for (const table of this.#tables) {
      await this.query(`drop table ${this.#live(table)}`);
      await this.query(`alter table ${this.#own(table)} set schema ${home}`);
    }
    const whose = 'where consumer = $1 and source = $2';
    await this.query(`delete from ${home}.dead_letters ${whose}`, [view, source]);
    await this.query(`insert into ${home}.dead_letters select * from ${this.schema}.dead_letters ${whose}`, [
      view,
      source,
    ]);
    await this.query(`update ${home}.checkpoints set incarnation = incarnation + 1 ${whose}`, [view, source]);
    await this.drop();
  }

  get #tables(): readonly string[] {
    return [this.#of.table, ...this.#of.lists, ...this.#of.hoards];
  }

  #live(table: string): string {
    return `${this.#of.home}.${table}`;
  }

  #own(table: string): string {
    return `${this.schema}.${table}`;
  }

  async #copy(table: string): Promise<void> {
    const [live, own] = [this.#live(table), this.#own(table)];
    await this.query(`create table ${own} (like ${live} including all excluding indexes)`);
    const [about] = await this.query<{ options: string[] | null; owner: string }>(
      `select reloptions as options, quote_ident(pg_get_userbyid(relowner)) as owner from pg_class where oid = $1::regclass`,
      [live],
    );
    await this.query(`alter table ${own} owner to ${about!.owner}`);
    if (about!.options) await this.query(`alter table ${own} set (${about!.options.join(', ')})`);
    for (const { sql } of await this.query<{ sql: string }>(
      `select format('alter table %s add constraint %I %s', $2::text, conname, pg_get_constraintdef(oid)) as sql
         from pg_constraint where conrelid = $1::regclass and contype in ('p', 'u', 'x')
       union all
       select format('grant %s on %s to %s', privilege_type, $2::text, case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end)
         from pg_class, aclexplode(relacl) where oid = $1::regclass`,
      [live, own],
    ))
      await this.query(sql);
  }

  async #differences(table: string, keys?: readonly string[]): Promise<void> {
    // JSON is kept as a text, in which the same may stand in another order.
    const columns = await this.query<{ name: string }>(
      `select quote_ident(attname) || case atttypid when 'json'::regtype then '::jsonb' else '' end as name from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attname <> $2`,
      [this.#live(table), BY_CHANCE],
    );
    const { key } = this.#of;
    const rows = (from: string) =>
      `select ${columns.map(({ name }) => name).join(', ')} from ${from}${keys ? ` where ${key} = any($1)` : ''}`;
    const only = (side: string, here: string, there: string) =>
      `select '${table}', ${key}::text, '${side}', to_jsonb(d) from (${rows(here)} except all ${rows(there)}) d`;
    const [live, own] = [this.#live(table), this.#own(table)];
    await this.query(
      `insert into differences ${only('live', live, own)} union all ${only('rebuilt', own, live)}`,
      keys ? [keys] : [],
    );
  }
}
