/** Structured logs, one JSON line each; what happens in the supervision tree is told from here. */
import { type Logger, type LoggerOptions, pino } from 'pino';
import { REDACTED } from '../actors/ports/log.ts';
import type { Registry, TreeChange } from '../actors/registry.ts';
import { withoutCards } from '../contracts/cards.ts';

/** Bytes that are written at once, and milliseconds that a line waits at most for others: a write costs more than a line. */
const [TOGETHER, AT_MOST] = [4_096, 50];
/** From `warn` on a line may be the last one: it is written before anything else happens. */
const URGENT = pino.levels.values.warn!;

/** ISO 8601; lines of the same millisecond share it. */
const timeOf = (): (() => string) => {
  let [at, text] = [0, ''];
  return () => {
    const now = Date.now();
    if (now !== at) [at, text] = [now, `,"time":"${new Date(now).toISOString()}"`];
    return text;
  };
};

export const createLog = (level: string, nodeId: string): Logger => {
  const out = pino.destination({ fd: 1, sync: false, minLength: TOGETHER, periodicFlush: AT_MOST });
  const logMethod: NonNullable<LoggerOptions['hooks']>['logMethod'] = function (given, method, lineLevel) {
    method.apply(this, given);
    if (lineLevel >= URGENT) out.flushSync();
  };
  const base = { node: nodeId };
  return pino(
    {
      level,
      base,
      redact: [...REDACTED],
      timestamp: timeOf(),
      hooks: { logMethod, streamWrite: withoutCards },
    },
    out,
  );
};

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
