/** A reply becomes bytes: the envelope, a problem, a file or a stream of events. */
import { PassThrough } from 'node:stream';
import type { Context } from 'koa';
import { isRefused, type Problem, problemBody } from './problems.ts';
import { type Kept, PROBLEM_TYPE, type Reply, type ServerSentEvent } from './routes.ts';

/** The start of every comment line that keeps a quiet stream open, milliseconds apart. */
const HEARTBEAT = 15_000;

/** When to come again, if that is known. */
export const waitFor = ({ retryAfter }: Problem): Record<string, string> =>
  retryAfter === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) };

const sendProblem = (ctx: Context, problem: Problem, requestId: string): void => {
  ctx.status = problem.status;
  ctx.set(waitFor(problem));
  if (problem.status === 401) ctx.set('www-authenticate', 'Bearer realm="tradewind"');
  // What is left of an oversized body is not worth reading.
  if (problem.status === 413) ctx.set('connection', 'close');
  ctx.type = PROBLEM_TYPE;
  ctx.body = JSON.stringify(problemBody(problem, requestId, ctx.path));
};

const oneLine = (text: string): string => text.replace(/[\r\n]/g, ' ');
/** One event in the format of the HTML standard. JSON has no line breaks, so `data` is one line. */
export const frame = ({ id, event, data }: ServerSentEvent): string =>
  `${id === undefined ? '' : `id: ${oneLine(id)}\n`}${event === undefined ? '' : `event: ${oneLine(event)}\n`}data: ${JSON.stringify(data ?? null)}\n\n`;

/** Waits until the client has read what it was sent. */
const drained = (out: PassThrough): Promise<void> =>
  new Promise((resolve) => {
    out.once('drain', resolve);
    out.once('close', resolve);
  });

const pump = async (events: AsyncIterable<ServerSentEvent>, out: PassThrough): Promise<void> => {
  const beat = setInterval(() => out.write(': still here\n\n'), HEARTBEAT);
  beat.unref();
  try {
    out.write('retry: 2000\n\n');
    for await (const event of events) {
      if (out.destroyed) return;
      if (!out.write(frame(event))) await drained(out);
    }
  } finally {
    clearInterval(beat);
    out.end();
  }
};

/** A failing source ends the stream; the client comes back with `Last-Event-ID`. */
const sendStream = (ctx: Context, events: AsyncIterable<ServerSentEvent>, failed: (error: unknown) => void): void => {
  ctx.status = 200;
  ctx.type = 'text/event-stream';
  ctx.set({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  const out = new PassThrough();
  ctx.body = out;
  if (ctx.method === 'HEAD') out.end();
  else pump(events, out).catch(failed);
};

export const envelope = (reply: Extract<Reply, { status: number }>): string =>
  JSON.stringify({
    success: true,
    data: reply.data ?? null,
    message: reply.message ?? 'ok',
    meta: reply.meta ?? {},
  });

const sendBody = (ctx: Context, status: number, type: string, body: Buffer | string): void => {
  ctx.status = status;
  ctx.type = type;
  ctx.body = body;
};

/** What a shared cache may give away for some seconds; a browser with a login asks each time. Prices move with time. */
const CACHE_CONTROL = { public: 'public, max-age=5, must-revalidate', private: 'private, no-cache' } as const;
/** `Position` is a wish to see one's own write: another answer for it. */
const CACHED_BY = 'Authorization, Position';

export const isSame = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, '')));

/** A client that has these bytes already gets 304 and no body. */
const sendKept = (ctx: Context, { body, etag }: Kept, cache: 'public' | 'private'): void => {
  ctx.set({ etag, 'cache-control': CACHE_CONTROL[cache] });
  ctx.vary(CACHED_BY);
  const known = ctx.req.headers['if-none-match'];
  if (known !== undefined && isSame(known, etag)) ctx.status = 304;
  else sendBody(ctx, 200, 'application/json', body);
};

/** `failed` hears of a stream that broke after its head was sent. */
export const send = (ctx: Context, reply: Reply, requestId: string, failed: (error: unknown) => void): void => {
  if (!('file' in reply)) ctx.set('cache-control', 'no-store');
  if (reply.headers) ctx.set(reply.headers as Record<string, string>);
  if (isRefused(reply)) sendProblem(ctx, reply.problem, requestId);
  else if ('stream' in reply) sendStream(ctx, reply.stream, failed);
  else if ('file' in reply) sendBody(ctx, 200, reply.type, reply.file);
  else if ('kept' in reply) sendKept(ctx, reply.kept, reply.cache);
  else if (reply.status === 204) ctx.status = 204;
  else sendBody(ctx, reply.status, 'application/json', envelope(reply));
};
