/** Routes of nobody's business: one for everything that the edge does by itself. */
import { z } from 'zod';
import type { Answer } from '../../actors/ports/commander.ts';
import { replyTo } from '../../adapters/http/rejections.ts';
import { ok, route } from '../../adapters/http/routes.ts';
import { accepted, fakeCommander, send, startEdge } from '../kit/edge.ts';

const common = {
  summary: 'a test',
  tags: ['test'],
  limit: 'read',
  responses: { 200: { description: 'Done' } },
} as const;
const Thing = z.object({ name: z.string().min(1).max(10), size: z.number().int().optional() });

const createThings = () => {
  let next: () => Answer | Promise<Answer> = () => accepted();
  const { asked, commander } = fakeCommander(() => next());
  const waits: number[] = [];
  let ended = 0;

  const routes = [
    route({
      ...common,
      method: 'get',
      path: '/open',
      roles: ['public'],
      handle: async (r) => ok({ user: r.principal?.userId ?? null }),
    }),
    route({ ...common, method: 'get', path: '/admin-only', roles: ['admin'], handle: async () => ok(1) }),
    route({ ...common, method: 'get', path: '/nobody', roles: [], handle: async () => ok(1) }),
    route({
      ...common,
      method: 'post',
      path: '/things/{id}',
      roles: ['customer'],
      waits: true,
      params: z.object({ id: z.string().max(5) }),
      query: z.object({ n: z.coerce.number().optional() }),
      body: Thing,
      owner: (r) => r.params.id !== 'other',
      handle: async (r) => {
        waits.push(r.wait);
        const answer = await commander.ask('thing', r.params.id, { type: 'Make' }, r.meta());
        return replyTo(answer, () => ({ status: 201, data: { id: r.params.id, ...r.body } }));
      },
    }),
    route({
      ...common,
      method: 'get',
      path: '/boom',
      roles: ['public'],
      handle: () => Promise.reject(new Error('secret cause')),
    }),
    route({
      ...common,
      method: 'get',
      path: '/stream',
      roles: ['public'],
      handle: async (r) => {
        const signal = r.signal();
        const events = async function* () {
          try {
            for (let id = Number(r.lastEventId ?? 0) + 1; id <= 3; id++)
              yield { id: String(id), event: 'tick', data: { id } };
            await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          } finally {
            ended++;
          }
        };
        return { stream: events() };
      },
    }),
    route({
      ...common,
      method: 'post',
      path: '/hook',
      roles: ['public'],
      idempotent: false,
      raw: true,
      handle: async (r) => ok(r.rawBody?.toString('hex')),
    }),
  ];

  return {
    routes,
    /** What the commander was asked. */
    asked,
    /** The seconds that `Prefer: wait` came to, request by request. */
    waits,
    /** How many event streams have ended. */
    ended: () => ended,
    /** What the commander answers from now on. */
    answer: (by: typeof next) => {
      next = by;
    },
  };
};

/** An edge with these routes, and a customer there. */
export const openThings = async () => {
  const things = createThings();
  const edge = await startEdge(things.routes);
  const customer = await edge.tokenFor('u1', 'customer');
  /** Makes a thing under a fresh key. */
  const post = (body: unknown, more: object = {}) =>
    send(edge, 'POST', '/things/a', { as: customer, key: crypto.randomUUID(), body, ...more });
  return { things, edge, customer, post };
};
