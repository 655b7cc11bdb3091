/** What else breaks: the broker and the database go away under load and come back. The application stays up. */
import { setTimeout as pause } from 'node:timers/promises';
import type { OwnNats, OwnServer } from '../kit/servers.ts';
import { until } from '../kit/until.ts';

export interface Servers {
  readonly postgres: OwnServer;
  readonly nats: OwnNats;
}
type Fault = (servers: Servers, away: number) => Promise<void>;

const killed = async (server: OwnServer, away: number): Promise<void> => {
  await server.kill();
  await pause(away);
  await server.restart();
};

export const FAULTS = {
  'broker killed': ({ nats }, away) => killed(nats, away),
  'broker back empty': async ({ nats }, away) => {
    await nats.kill();
    nats.forget();
    await pause(away);
    await nats.restart();
  },
  'database killed': ({ postgres }, away) => killed(postgres, away),
  'database restarted': async ({ postgres }, away) => {
    await postgres.stop();
    await pause(away);
    await postgres.restart();
  },
  /** The broker is back, with nothing, before anybody can read what it should have. */
  'both away, broker back empty': async ({ nats, postgres }, away) => {
    await Promise.all([nats.kill(), postgres.stop()]);
    nats.forget();
    await nats.restart();
    await pause(away);
    await postgres.restart();
  },
} as const satisfies Readonly<Record<string, Fault>>;
export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/** Milliseconds from the end of the fault until the application says that it is ready again; undefined: it never did. */
export const inflict = async (
  name: FaultName,
  servers: Servers,
  away: number,
  url: string,
): Promise<number | undefined> => {
  await FAULTS[name](servers, away);
  const begin = performance.now();
  const isReady = async () => (await fetch(`${url}/readyz`)).ok;
  const recovered = await until(isReady, { timeout: 30_000, every: 50, what: 'readiness' }).catch(() => false);
  return recovered ? performance.now() - begin : undefined;
};
