/** OpenAPI 3.1 from the route tables: the schemas that validate are the schemas that document. */
import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type ResponseConfig,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { isPublic, needsKey, PROBLEM_TYPE, type ResponseDoc, type Route, unsafe } from './routes.ts';
import { ProblemShape } from './shapes.ts';

const Meta = z.looseObject({});
const PageMeta = z.looseObject({ total: z.int(), page: z.int(), per_page: z.int() });

const envelopeOf = ({ data, paged }: ResponseDoc) =>
  z.object({
    success: z.literal(true),
    data: data ?? z.null(),
    message: z.string(),
    meta: paged ? PageMeta : Meta,
  });

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'Malformed, or not valid; `errors` names the fields',
  401: 'No valid access token',
  403: 'The role, or the owner, is another',
  404: 'Not there, or not yours',
  409: 'Refused by rule, or the first request with this key still runs',
  413: 'The body is too large',
  415: 'Not JSON',
  422: 'The Idempotency-Key was used for another request',
  429: 'Too many requests of this user or address; see Retry-After',
  500: 'A fault on our side; `error_id` names it',
  503: 'Overloaded or moving; see Retry-After',
};
/** The problems that a route may answer with, from what it is. */
const problemsOf = (route: Route): readonly number[] => [
  400,
  ...(isPublic(route) ? [] : [401, 403]),
  ...(route.params ? [404] : []),
  ...(unsafe(route.method) ? [409] : []),
  ...(route.body || route.raw || route.stream ? [413, 415] : []),
  ...(needsKey(route) ? [422] : []),
  429,
  500,
  503,
];

const problemContent = ({ problems = ProblemShape }: Route) => ({ [PROBLEM_TYPE]: { schema: problems } });
const Place = z.object({ Position: z.string().optional().describe('of the write, for a read that is to see it') });
const Known = z.object({ ETag: z.string().describe('for If-None-Match') });
/** The headers that a success is told with. */
const toldWith = (route: Route, status: number): z.ZodObject | undefined => {
  if (status >= 300) return undefined;
  if (needsKey(route)) return Place;
  return route.cached ? Known : undefined;
};
const contentOf = (route: Route, doc: ResponseDoc): ResponseConfig['content'] => {
  if (doc.type === PROBLEM_TYPE) return problemContent(route);
  if (doc.type) return { [doc.type]: { schema: z.string() } };
  const also = doc.also && { [doc.also]: { schema: z.string() } };
  return { 'application/json': { schema: envelopeOf(doc) }, ...also };
};

const responsesOf = (route: Route): Record<string, ResponseConfig> => {
  const failures = problemsOf(route).map((status) => [
    status,
    { description: PROBLEMS[status]!, content: problemContent(route) },
  ]);
  const answers = Object.entries(route.responses).map(([status, doc]) => {
    const content = status === '204' ? undefined : contentOf(route, doc);
    return [status, { description: doc.description, headers: toldWith(route, Number(status)), content }];
  });
  const unchanged = route.cached ? [['304', { description: 'As If-None-Match says: nothing new' }]] : [];
  return Object.fromEntries([...failures, ...answers, ...unchanged]);
};

const EVENTS = 'text/event-stream';
const isStream = ({ responses }: Route): boolean => responses[200]?.type === EVENTS;
/** What is seen may follow a write by moments. */
const isView = (route: Route): boolean =>
  route.method === 'get' && route.path.startsWith('/api/v1/') && !isStream(route);

const HEADERS: readonly (readonly [string, (route: Route) => boolean, z.ZodType])[] = [
  [
    'Idempotency-Key',
    needsKey,
    z.string().min(1).max(255).describe('the same key with the same body gives the first answer again'),
  ],
  ['Prefer', ({ waits = false }) => waits, z.string().optional().describe('wait=n: up to n seconds, for the end')],
  [
    'Position',
    isView,
    z.string().optional().describe('of a write: it is waited for, up to a second, until it can be seen'),
  ],
  ['If-None-Match', ({ cached }) => cached !== undefined, z.string().optional().describe('the ETag of what is known')],
  ['Last-Event-ID', isStream, z.string().optional().describe('goes on after that one')],
];
const headersOf = (route: Route): z.ZodObject | undefined => {
  const known = HEADERS.filter(([, listens]) => listens(route)).map(([name, , schema]) => [name, schema]);
  return known.length > 0 ? z.object(Object.fromEntries(known)) : undefined;
};

const operationId = ({ method, path }: Route): string =>
  `${method}${path
    .replace('/api/v1', '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}`;

const bodyOf = ({ body, stream }: Route) => {
  if (stream)
    return { required: true, content: Object.fromEntries(stream.map((type) => [type, { schema: z.string() }])) };
  return body && { required: !body.safeParse(undefined).success, content: { 'application/json': { schema: body } } };
};

const configOf = (route: Route): RouteConfig => ({
  method: route.method,
  path: route.path,
  operationId: operationId(route),
  summary: route.summary,
  description: isPublic(route) ? 'For everybody.' : `For the roles: ${route.roles.join(', ')}.`,
  tags: [...route.tags],
  security: isPublic(route) ? [] : [{ bearer: [] }],
  request: {
    params: route.params as z.ZodObject | undefined,
    query: route.query as z.ZodObject | undefined,
    headers: headersOf(route),
    body: bodyOf(route),
  },
  responses: responsesOf(route),
});

/** The whole document. The order of the routes is the order of the paths. */
export const openApiDocument = (routes: readonly Route[]) => {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' });
  for (const route of routes) registry.registerPath(configOf(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Tradewind',
      version: '1',
      description:
        'A marketplace that cannot oversell and cannot lose money. Amounts are integers in minor units. Every address may also answer 414 or 431 to a head that is too long, 405 to another method, and 429 to who comes too often; `RateLimit` tells what is left.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
  });
};
