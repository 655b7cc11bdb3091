// Is a server that somebody named by URL there, and does it let us in? Every "no" says what to do about it.
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import { natsOptions } from '../../adapters/nats/options.ts';
import { errorCode, StartupProblem } from './problem.ts';

const PATIENCE_MS = 5_000;

export async function checkPostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS });
  client.on('error', () => undefined); // Reported by the calls below.
  try {
    await client.connect();
    await client.query('SELECT 1');
  } catch (error) {
    throw postgresProblem(url, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Postgres' own codes for what a person can put right. */
const POSTGRES_PROBLEMS: Record<string, { what: string; hint: string }> = {
  '28P01': { what: 'refused the user name or password', hint: 'Correct the credentials in DATABASE_URL.' },
  '28000': { what: 'does not let this user in', hint: 'Correct the user in DATABASE_URL, or allow it in pg_hba.conf.' },
  '3D000': { what: 'has no such database', hint: 'Create the database that DATABASE_URL names (CREATE DATABASE ...).' },
  '53300': { what: 'has no connection left', hint: 'Raise its max_connections, or stop other clients.' },
  '57P03': { what: 'is not ready yet', hint: 'It is starting up or shutting down: try again in a moment.' },
};

function postgresProblem(url: string, error: unknown): StartupProblem {
  const known = POSTGRES_PROBLEMS[errorCode(error) ?? ''];
  if (known) return new StartupProblem(`Postgres at ${place(url)} ${known.what}.`, known.hint, { cause: error });
  return new StartupProblem(
    `Postgres at ${place(url)} cannot be reached${reason(error)}.`,
    'Start it or correct DATABASE_URL; without DATABASE_URL a Postgres of our own is started.',
    { cause: error },
  );
}

export async function checkNats(url: string): Promise<void> {
  const connection = await openNats(url);
  try {
    await requireJetStream(connection, url);
  } finally {
    await connection.close();
  }
}

async function openNats(url: string): Promise<NatsConnection> {
  try {
    return await connect({ ...natsOptions(url), timeout: PATIENCE_MS, reconnect: false });
  } catch (error) {
    throw natsProblem(url, error);
  }
}

const natsProblem = (url: string, error: unknown): StartupProblem =>
  error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError
    ? new StartupProblem(
        `NATS at ${place(url)} refused the user name or password.`,
        'Correct the credentials in NATS_URL (nats://user:password@host:4222).',
        { cause: error },
      )
    : new StartupProblem(
        `NATS at ${place(url)} cannot be reached${reason(error)}.`,
        'Start it or correct NATS_URL; without NATS_URL a nats-server of our own is started.',
        { cause: error },
      );

async function requireJetStream(connection: NatsConnection, url: string): Promise<void> {
  try {
    const answer = await connection.request('$JS.API.INFO', '', { timeout: PATIENCE_MS });
    if ('error' in answer.json<object>()) throw new Error(answer.string());
  } catch (error) {
    throw new StartupProblem(
      `NATS at ${place(url)} runs without JetStream.`,
      'Start nats-server with --jetstream, or enable it for this account.',
      { cause: error },
    );
  }
}

/** Never the credentials. */
const place = (url: string): string =>
  url
    .split(',')
    .map((part) => new URL(part.trim()))
    .map(({ host, pathname }) => `${host}${pathname === '/' ? '' : pathname}`)
    .join(', ');

const reason = (error: unknown): string => {
  const code = errorCode(error) ?? (error instanceof Error ? errorCode(error.cause) : undefined);
  return code === undefined ? '' : ` (${code})`;
};
