/** Structured logs, one JSON line each; what happens in the supervision tree is told from here. */
import { type Logger, pino } from 'pino';
import { REDACTED } from '../actors/ports/log.ts';
import type { Registry, TreeChange } from '../actors/registry.ts';
import { withoutCards } from '../contracts/cards.ts';

export const createLog = (level: string, nodeId: string): Logger =>
  pino({
    level,
    base: { node: nodeId },
    redact: [...REDACTED],
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: withoutCards },
  });

const LEVELS: Readonly<Record<TreeChange['change'], 'debug' | 'info' | 'warn' | 'error'>> = {
  crashed: 'error',
  quarantined: 'error',
  parked: 'error',
  fenced: 'warn',
  stalled: 'warn',
  retried: 'info',
  recovered: 'info',
  revived: 'info',
  finished: 'info',
  started: 'info',
  stopped: 'info',
};

export const logTree = (registry: Registry, log: Logger): void => {
  registry.changes.subscribe(({ change, error, ...fields }) => log[LEVELS[change]]({ ...fields, err: error }, change));
};
