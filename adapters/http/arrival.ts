/** A request as it arrives, named so that it can be found again; and the line and figure that are left of it. */
import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import type { Log } from '../../actors/ports/log.ts';
import { addressOf } from './address.ts';
import { isRefused } from './problems.ts';
import type { Noted } from './serve.ts';
import { requestIdOf, traceparentOf } from './trace.ts';

export interface Tellers {
  readonly log: Log;
  /** For the line of each request: it has nothing to be redacted. Default: `log`. */
  readonly requestLog?: Log;
  /** Told of every request, for metrics. `seconds` until the reply was ready. */
  readonly observe?: (method: string, route: string, status: number, seconds: number) => void;
}

export const arrivedFrom = (req: IncomingMessage, trusted: BlockList): Noted => ({
  requestId: requestIdOf(req.headers['x-request-id']),
  traceparent: traceparentOf(req.headers.traceparent),
  address: addressOf(req, trusted),
  spent: [],
  route: 'unknown',
});

interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}
/** `started`: by the clock of `performance.now`. */
export const tell = (
  { log, requestLog = log, observe }: Tellers,
  told: Answered,
  noted: Noted,
  started: number,
): void => {
  const took = performance.now() - started;
  const code = isRefused(noted.reply) ? noted.reply.problem.code : undefined;
  const { requestId, route, userId, address } = noted;
  const { method, path, status } = told;
  const ms = Math.round(took * 100) / 100;
  requestLog[status >= 500 ? 'warn' : 'info'](
    { requestId, userId, address, method, route, path, status, ms, code },
    'request',
  );
  observe?.(method, route, status, took / 1000);
};
