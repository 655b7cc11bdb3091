/** The sandbox provider's books: its own schema and its own transactions, committed before anything is answered. */
import { Pool } from 'pg';
import type { GatewayResult } from '../../contracts/payments.ts';
import type { Charge, Operation } from './charge.ts';

export interface OperationRow {
  readonly key: string;
  readonly kind: Operation;
  readonly reference: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly currency: string;
  readonly outcome: GatewayResult;
}
export interface DisputeRow {
  readonly reference: string;
  /** Reference of the disputed charge. */
  readonly charge: string;
  readonly paymentId: string;
}
export interface WebhookRow {
  readonly id: string;
  readonly body: string;
  /** Milliseconds from now. */
  readonly delay: number;
}
/** What one transaction writes; a charge moves from `version - 1` to `version`. */
export interface Entry {
  readonly charge?: Charge;
  readonly operation?: OperationRow;
  readonly webhooks: readonly WebhookRow[];
}

const CHARGE = `key, reference, payment_id as "paymentId", token, amount::float8 as amount, currency, status, code,
  captured::float8 as captured, refunded::float8 as refunded, return_url as "returnUrl", version`;

const WRITE = `
with opened as (
  insert into sandbox.charges (key, reference, payment_id, token, amount, currency, status, code, captured, refunded, return_url, version)
  select * from json_to_recordset($1::json) as r(key text, reference text, "paymentId" text, token text, amount bigint, currency text,
    status text, code text, captured bigint, refunded bigint, "returnUrl" text, version int) returning 1),
moved as (
  update sandbox.charges c set status = r.status, code = r.code, captured = r.captured, refunded = r.refunded, version = r.version
  from json_to_recordset($2::json) as r(key text, status text, code text, captured bigint, refunded bigint, version int)
  where c.key = r.key and c.version = r.version - 1 returning 1),
done as (
  insert into sandbox.operations (key, kind, reference, payment_id, amount, currency, outcome)
  select * from json_to_recordset($3::json) as r(key text, kind text, reference text, "paymentId" text, amount bigint, currency text, outcome jsonb) returning 1),
sent as (
  insert into sandbox.webhooks (id, body, due_at)
  select id, body, now() + delay * interval '1 millisecond' from json_to_recordset($4::json) as r(id text, body text, delay float8) returning 1)
select sandbox.expect((select count(*) from moved), $5)`;

export class Books {
  readonly #pool: Pool;

  constructor(url: string, role?: string) {
    const options = `-c statement_timeout=10000${role ? ` -c role=${role}` : ''}`;
    this.#pool = new Pool({
      connectionString: url,
      max: 4,
      application_name: 'sandbox-gateway',
      options,
      connectionTimeoutMillis: 3_000,
    });
    // A lost idle connection is replaced at the next use.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** By the key of the authorisation or by the provider's own reference. */
  async charges(keysOrReferences: readonly string[]): Promise<Charge[]> {
    const text = `select ${CHARGE} from sandbox.charges where key = any($1) or reference = any($1)`;
    return (await this.#pool.query<Charge>(text, [keysOrReferences])).rows;
  }

  async operations(keys: readonly string[]): Promise<OperationRow[]> {
    const text = `select key, kind, reference, payment_id as "paymentId", amount::float8 as amount, currency, outcome from sandbox.operations where key = any($1)`;
    return (await this.#pool.query<OperationRow>(text, [keys])).rows;
  }

  /** All entries in one transaction. Fails with 40001 or 23505 when another process was faster: look again. */
  async write(entries: readonly Entry[]): Promise<void> {
    const charges = entries.flatMap(({ charge }) => (charge ? [charge] : []));
    const moved = charges.filter(({ version }) => version > 1);
    const values = [
      charges.filter(({ version }) => version === 1),
      moved,
      entries.flatMap(({ operation }) => (operation ? [operation] : [])),
      entries.flatMap(({ webhooks }) => webhooks),
    ];
    await this.#pool.query(WRITE, [...values.map((rows) => JSON.stringify(rows)), moved.length]);
  }

  async undelivered(limit: number): Promise<{ id: string; body: string; tries: number; wait: number }[]> {
    const text = `select id, body, tries, greatest(0, extract(epoch from due_at - now()) * 1000)::float8 as wait
      from sandbox.webhooks where delivered_at is null order by due_at limit $1`;
    return (await this.#pool.query<{ id: string; body: string; tries: number; wait: number }>(text, [limit])).rows;
  }

  async delivered(ids: readonly string[]): Promise<void> {
    await this.#pool.query(`update sandbox.webhooks set delivered_at = now(), tries = tries + 1 where id = any($1)`, [
      ids,
    ]);
  }

  /** Bodies of webhooks that are due for longer than their first tries take, since that moment. */
  async overdue(since: string): Promise<string[]> {
    const text = `select distinct on (body) body from sandbox.webhooks
      where delivered_at is null and due_at between $1 and now() - interval '1 second' order by body, due_at limit 1000`;
    return (await this.query<{ body: string }>(text, [since])).map(({ body }) => body);
  }

  /** Undefined: there is one already, or no such charge. */
  async openDispute(charge: string, reason: string): Promise<DisputeRow | undefined> {
    const text = `with made as (insert into sandbox.disputes (reference, charge, amount, currency, reason, status)
        select 'dp_' || substr(reference, 5), reference, captured, currency, $2, 'needs-response' from sandbox.charges
        where reference = $1 and captured > 0 on conflict do nothing returning reference, charge)
      select m.reference, m.charge, c.payment_id as "paymentId" from made m join sandbox.charges c on c.reference = m.charge`;
    return (await this.query<DisputeRow>(text, [charge, reason]))[0];
  }

  async closeDispute(reference: string, won: boolean): Promise<DisputeRow | undefined> {
    const text = `update sandbox.disputes d set status = $2, closed_at = now() from sandbox.charges c
      where d.reference = $1 and d.closed_at is null and c.reference = d.charge
      returning d.reference, d.charge, c.payment_id as "paymentId"`;
    return (await this.query<DisputeRow>(text, [reference, won ? 'won' : 'lost']))[0];
  }

  /** Reads what it rests on again once nobody else can change it: `lock` is a `select ... for update`. */
  async queryUnder<Row extends object>(lock: string, locked: string, text: string, values: readonly unknown[]) {
    const client = await this.#pool.connect();
    try {
      await client.query('begin');
      await client.query(lock, [locked]);
      const { rows } = await client.query<Row>(text, [...values]);
      await client.query('commit');
      return rows;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  /** For the desks, which have tables of their own. */
  async query<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return (await this.#pool.query<Row>(text, [...values])).rows;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
