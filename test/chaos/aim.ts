/**
 * Sees each commit of the application as it happens, so that a kill hits right after a chosen one. It listens to the
 * database: triggers that exist only in the experiment's own database notify of new events, charges and webhooks.
 */
import { Client } from 'pg';
import { contextNames } from '../../src/contexts.ts';
import { withClient } from '../kit/servers.ts';

const CHANNEL = 'chaos';
/** Commits hold it together; whoever holds it alone stops them all in the middle. */
const GATE = 7_003;

const notifier = (name: string, table: string, what: string, on = 'insert'): string => `
create or replace function public.${name}() returns trigger language plpgsql as $$
declare seen text;
begin
  perform pg_advisory_xact_lock_shared(${GATE});
  for seen in select distinct ${what} from fresh loop perform pg_notify('${CHANNEL}', seen); end loop;
  return null;
end $$;
drop trigger if exists ${name} on ${table};
create trigger ${name} after ${on} on ${table} referencing new table as fresh for each statement execute function public.${name}();`;

/** Attempts are told apart by their kind. */
const EVENT = `type || coalesce(':' || ((body::jsonb)->>'kind'), '')`;
const TRIGGERS = [
  ...contextNames.map((context) => notifier(`chaos_${context}`, `${context}.outbox_events`, EVENT)),
  notifier('chaos_charges', 'sandbox.charges', `'sandbox.' || status`),
  notifier('chaos_operations', 'sandbox.operations', `'sandbox.' || kind`),
  notifier('chaos_webhooks', 'payments.webhook_events', `'webhook.' || type`),
  notifier('chaos_rows', 'products.import_rows', `'import.received'`),
  notifier('chaos_outcomes', 'products.import_rows', `'import.recorded'`, 'update'),
  notifier('chaos_imports', 'products.imports', `'import.' || status`, 'update'),
].join('\n');

export const plantTriggers = (databaseUrl: string): Promise<unknown> =>
  withClient(databaseUrl, (client) => client.query(TRIGGERS));

export class Watch {
  readonly #databaseUrl: string;
  #client?: Client;
  #listener: (what: string) => void = () => undefined;
  #retry?: NodeJS.Timeout;
  #stopped = false;

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl;
  }

  /** Listens again by itself when the database comes back. */
  async start(): Promise<void> {
    const client = new Client({ connectionString: this.#databaseUrl });
    client.on('error', () => undefined);
    client.on('end', () => this.#again());
    client.on('notification', ({ payload }) => this.#listener(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.#client = client;
    } catch {
      await client.end().catch(() => undefined);
    }
  }

  /** Resolves at the `n`-th commit of `what`, in the turn in which it is heard of; false when that takes too long. */
  async nth(what: string, n: number, within: number): Promise<boolean> {
    let left = n;
    let timer: NodeJS.Timeout | undefined;
    const hit = await new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), within);
      this.#listener = (seen) => {
        if (seen === what && --left === 0) resolve(true);
      };
    });
    clearTimeout(timer);
    this.#listener = () => undefined;
    return hit;
  }

  /** From now on commits stop half-way, until what is returned is called; whoever sent them may be dead by then. */
  async freeze(): Promise<() => Promise<void>> {
    const client = new Client({ connectionString: this.#databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`select pg_advisory_lock(${GATE})`);
    return () => client.end();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
  }

  /** A client that fails may say so more than once. */
  #again(): void {
    this.#client = undefined;
    clearTimeout(this.#retry);
    if (!this.#stopped) this.#retry = setTimeout(() => void this.start(), 100);
  }
}
