/**
 * The short way of an answer that is kept: past Koa and everything that would only find out again what it found out for
 * the first one. What every request is held to holds here too: limits, places in flight, the line in the log, the figures.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { networks } from './address.ts';
import { type Admission, admitted } from './admission.ts';
import { arrivedFrom, type Tellers, tell } from './arrival.ts';
import { headProblem } from './head.ts';
import type { Entry, Head, Keeper } from './kept.ts';
import { rateHeaders } from './limits.ts';
import { isRefused, type Problem, problemBody } from './problems.ts';
import { PROBLEM_TYPE } from './routes.ts';
import { isSame, waitFor } from './send.ts';
import type { Noted } from './serve.ts';

export interface ShortWayOptions extends Tellers {
  readonly admission: Admission;
  readonly proxies: readonly string[];
  readonly stopping: AbortSignal;
}
type Headed = Entry & { readonly head: Head };

/** Other origins are answered by their own rules. */
const fits = (req: IncomingMessage): boolean => req.headers.origin === undefined && headProblem(req) === undefined;

const namesOf = ({ requestId, traceparent, spent }: Noted): string[] => {
  const names = ['x-request-id', requestId, 'traceparent', traceparent];
  if (spent.length > 0) names.push(...Object.entries(rateHeaders(spent)).flat());
  return names;
};

const refuse = (res: ServerResponse, problem: Problem, { head }: Headed, noted: Noted, path: string): number => {
  const { etag: _, 'cache-control': __, ...others } = head.headers;
  const said = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...waitFor(problem) };
  const lines = Object.entries({ ...others, ...said }).flatMap(([name, value]) => [name, String(value)]);
  res.writeHead(problem.status, [...lines, ...namesOf(noted)]);
  res.end(JSON.stringify(problemBody(problem, noted.requestId, path)));
  return problem.status;
};

const give = (req: IncomingMessage, res: ServerResponse, { head, etag }: Headed, noted: Noted): number => {
  const known = req.headers['if-none-match'];
  if (known !== undefined && isSame(known, etag)) {
    res.writeHead(304, [...head.bodiless, ...namesOf(noted)]).end();
    return 304;
  }
  res.writeHead(200, [...head.whole, ...namesOf(noted)]);
  if (req.method === 'HEAD') res.end();
  else res.end(head.bytes, 'latin1');
  return 200;
};

/** `next`: the long way, for everything that is not kept. */
export const shortWay = (options: ShortWayOptions, keeper: Keeper, next: RequestListener): RequestListener => {
  const trusted = networks(options.proxies);
  const take = async (entry: Headed, req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const started = performance.now();
    const noted = arrivedFrom(req, trusted);
    noted.route = entry.route.path;
    const reply = await admitted(entry.route, noted, options.admission, async () => ({ kept: entry, cache: 'public' }));
    noted.reply = reply;
    const path = req.url!.split('?', 1)[0]!;
    const status = isRefused(reply) ? refuse(res, reply.problem, entry, noted, path) : give(req, res, entry, noted);
    tell(options, { method: req.method!, path, status }, noted, started);
  };
  return (req, res) => {
    const entry = options.stopping.aborted || !fits(req) ? undefined : keeper.find(req);
    if (!entry?.head) return next(req, res);
    take(entry as Headed, req, res).catch((error) => {
      options.log.error({ err: error }, 'a kept answer was not given');
      res.destroy();
    });
  };
};
