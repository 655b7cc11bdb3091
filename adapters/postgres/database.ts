/** A door to Postgres: MikroORM for schema, loads and reads; its pool for the statements that must be our own text. */
import { type EntityManager, type EntitySchema, MikroORM } from '@mikro-orm/postgresql';

export interface DatabaseOptions {
  readonly url: string;
  readonly entities: readonly EntitySchema[];
  /** The role whose rights the sessions have; undefined: those of the url's user. */
  readonly role?: string;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  readonly connections: number;
  /** More settings of the session, such as `plan_cache_mode`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** As much of a pooled `pg` client as is used here. */
export interface Client {
  readonly processID: number;
  query(query: {
    readonly text: string;
    readonly values?: readonly unknown[];
    readonly name?: string;
  }): Promise<{ rows: Row[] }>;
  release(destroy?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): void;
}

export type Row = Record<string, unknown>;

export interface Database {
  readonly orm: MikroORM;
  em(): EntityManager;
  query<R = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** A connection of one's own, until it is released. */
  client(): Promise<Client>;
  close(): Promise<void>;
}

/** Milliseconds after which Postgres itself ends what hangs: no session waits for ever. */
const SESSION_LIMITS = '-c statement_timeout=10000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=15000';

interface Pool {
  query(query: { text: string; values?: readonly unknown[] }): Promise<{ rows: Row[] }>;
  connect(): Promise<Client>;
}

export const openDatabase = async (options: DatabaseOptions): Promise<Database> => {
  const role = options.role ? ` -c role=${options.role}` : '';
  const orm = await MikroORM.init({
    entities: [...options.entities],
    discovery: { warnWhenNoEntities: false },
    clientUrl: options.url,
    pool: { min: 0, max: options.connections },
    driverOptions: {
      application_name: options.name,
      options: [
        SESSION_LIMITS + role,
        ...Object.entries(options.settings ?? {}).map(([name, value]) => `-c ${name}=${value}`),
      ].join(' '),
      connectionTimeoutMillis: 3_000,
      keepAlive: true,
    },
    debug: false,
    logger: () => undefined,
  });
  const connection = orm.em.getConnection() as unknown as { getNativeClient(): Promise<Pool> };
  const pool = await connection.getNativeClient();
  return {
    orm,
    em: () => orm.em.fork() as EntityManager,
    query: async <R>(text: string, values: readonly unknown[] = []) => (await pool.query({ text, values })).rows as R[],
    client: () => pool.connect(),
    close: () => orm.close(true),
  };
};

/** Connection lost, refused or not to be had; server starting, stopping or full. */
const AWAY_CODE = /^(08\w{3}|57P0[1-3]|53300|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)$/;
const AWAY_TEXT = /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable/;

/** Did it fail because the database was not there? MikroORM wraps what the driver says. */
export const isAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const { code, cause, errors } = error as Error & { code?: unknown; errors?: unknown[] };
  return (
    AWAY_CODE.test(String(code)) || AWAY_TEXT.test(error.message) || isAway(cause) || (errors?.some(isAway) ?? false)
  );
};
