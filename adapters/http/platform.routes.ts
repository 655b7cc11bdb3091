/** Alive, ready, and described: what every node answers about itself. */
import { z } from 'zod';
import { problem } from './problems.ts';
import { ok, type Reply, type Route, route } from './routes.ts';
import { ProblemShape } from './shapes.ts';

/** A thing that must work for the node to be of use, such as `postgres`. Rejects, or answers false, when it does not. */
export interface Check {
  readonly name: string;
  /** Requests are served without it, only slower: the node stays ready, and says that something is missing. */
  readonly optional?: boolean;
  check(): Promise<unknown>;
}
const CheckResult = z.object({ name: z.string(), ok: z.boolean(), optional: z.boolean(), ms: z.number() });
type CheckResult = z.infer<typeof CheckResult>;
const NotReady = ProblemShape.extend({ checks: z.array(CheckResult).optional() }).meta({ id: 'NotReady' });

const PATIENCE = 1_000;
/** Probes come often and from anybody: answers of up to a second ago will do. */
const FRESH = 1_000;

const tooSlow = (): Promise<false> => new Promise((resolve) => setTimeout(resolve, PATIENCE, false).unref());
const runCheck = async ({ name, check, optional = false }: Check): Promise<CheckResult> => {
  const started = performance.now();
  const good = await Promise.race([check(), tooSlow()]).catch(() => false);
  return { name, ok: good !== false, optional, ms: Math.round(performance.now() - started) };
};

/** Runs all checks side by side, at most once a second. */
const checker = (checks: readonly Check[]): (() => Promise<readonly CheckResult[]>) => {
  let at = Number.NEGATIVE_INFINITY;
  let last: Promise<readonly CheckResult[]> = Promise.resolve([]);
  return () => {
    if (performance.now() - at < FRESH) return last;
    at = performance.now();
    last = Promise.all(checks.map(runCheck));
    return last;
  };
};

const readiness = (results: readonly CheckResult[], stopping: boolean): Reply => {
  const missing = results.filter((result) => !result.ok);
  if (!stopping && missing.every((result) => result.optional))
    return ok({ status: missing.length > 0 ? 'degraded' : 'ready', checks: results });
  const failing = stopping ? 'this node is stopping' : missing.map(({ name }) => name);
  return problem('unavailable', `Not ready: ${failing}.`, { retryAfter: 1, extra: { checks: results } });
};

const tags = ['platform'];
export const platformRoutes = (checks: readonly Check[], stopping: AbortSignal): readonly Route[] => {
  const run = checker(checks);
  return [
    route({
      method: 'get',
      path: '/livez',
      summary: 'Is the process alive?',
      tags,
      roles: ['public'],
      limit: 'probe',
      responses: { 200: { description: 'Alive', data: z.object({ status: z.literal('live') }) } },
      handle: async () => ok({ status: 'live' }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      summary: 'Can this node take requests? Names every check',
      tags,
      roles: ['public'],
      limit: 'probe',
      responses: {
        200: {
          description: 'Ready',
          data: z.object({ status: z.enum(['ready', 'degraded']), checks: z.array(CheckResult) }),
        },
      },
      problems: NotReady,
      handle: async () => readiness(await run(), stopping.aborted),
    }),
  ];
};
