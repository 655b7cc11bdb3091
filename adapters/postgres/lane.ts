/**
 * The one connection on which the journal commits. It knows its backend: when the connection is lost inside a commit, that
 * backend is ended and waited for, and only then can anybody say what became of the transaction.
 */
import type { Client, Database } from './database.ts';
import type { Statement } from './statement.ts';

/** The connection was lost, or the server gave no answer in time: the outcome is unknown. */
export class OutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super('outcome unknown', { cause });
  }
}

/** There is no connection to be had: nothing was sent. */
export class NotConnected extends Error {
  constructor(cause: unknown) {
    super('not connected', { cause });
  }
}

/** Milliseconds without an answer after which a connection counts as lost; longer than any statement may run. */
const SILENCE = 15_000;

/** SQLSTATEs of a server that goes away or starts: the statement itself is not to blame. */
const CONNECTION_LOST = /^(08|57P0)/;

export const isConnectionError = (error: unknown): boolean => {
  const code = (error as { code?: unknown }).code;
  // Errors of Postgres carry a five-character SQLSTATE; everything else comes from the socket or the driver.
  return typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || CONNECTION_LOST.test(code);
};

export class Lane {
  readonly #database: Database;
  readonly #control: Database;
  #client?: Client;
  /** The backend that may still be at work on a statement whose connection is gone. */
  #doubtful?: number;

  constructor(database: Database, control: Database) {
    this.#database = database;
    this.#control = control;
  }

  async run(statement: Statement): Promise<Record<string, unknown>[]> {
    const client = await this.#connect();
    try {
      return (await withSilenceLimit(client.query(statement))).rows;
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      this.#doubtful = client.processID;
      this.#drop();
      throw new OutcomeUnknown(error);
    }
  }

  /** Ends the backend of the lost connection, if it still lives, and waits until it is gone. */
  async endDoubtfulBackend(): Promise<void> {
    if (this.#doubtful === undefined) return;
    const pid = this.#doubtful;
    for (;;) {
      const rows = await this.#control.query<{ ended: boolean }>(
        `select pg_terminate_backend(pid) as ended from pg_stat_activity where pid = $1 and application_name = $2`,
        [pid, this.#name],
      );
      if (rows.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#doubtful = undefined;
  }

  close(): void {
    this.#drop();
  }

  get #name(): string {
    return (this.#database.orm.config.get('driverOptions') as { application_name: string }).application_name;
  }

  async #connect(): Promise<Client> {
    if (this.#client) return this.#client;
    try {
      this.#client = await this.#database.client();
      // A loss between two statements leaves nothing in doubt: the next statement needs a new connection.
      this.#client.on('error', () => undefined);
      return this.#client;
    } catch (error) {
      throw new NotConnected(error);
    }
  }

  #drop(): void {
    this.#client?.release(true);
    this.#client = undefined;
  }
}

const withSilenceLimit = <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout;
  const silence = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('no answer from the database')), SILENCE);
  });
  return Promise.race([work, silence]).finally(() => clearTimeout(timer));
};
