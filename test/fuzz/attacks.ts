/** Requests of all sorts, good and bad, at every route of the OpenAPI document. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { documentedRoutes } from '../../adapters/http/api.ts';
import { isPublic } from '../../adapters/http/routes.ts';
import { generated, type Schema, WEIRD_TEXTS } from './values.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}
interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
export interface Operation extends Described {
  readonly method: string;
  readonly path: string;
  /** Who may; nobody named: everybody. */
  readonly roles: readonly string[];
}
export interface Attack {
  readonly method: string;
  readonly path: string;
  readonly as: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const document = JSON.parse(readFileSync(new URL('../../contracts/openapi.v1.json', import.meta.url), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
};
const rolesOf = (method: string, path: string): readonly string[] => {
  const route = documentedRoutes().find((one) => one.method === method && one.path === path)!;
  return isPublic(route) ? [] : route.roles;
};
export const OPERATIONS: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => ({
    ...described,
    method: method.toUpperCase(),
    path,
    roles: rolesOf(method, path),
  })),
);

/** Ids that are there, so that something happens; by the parameter's name, and for `id` by what stands before it. */
export type Ids = Readonly<Record<string, readonly string[]>>;

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
const RAW_SEGMENTS = ['%00', '%ff', '%ed%a0%80', '..%2f..', '%2e%2e', '%', '%zz', '%20', '{id}', 'a'.repeat(3_000)];
const segment = (known: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 2, arbitrary: fc.constantFrom(...WEIRD_TEXTS).map((text) => encoded(text) || 'x') },
    { weight: 1, arbitrary: fc.constantFrom(...RAW_SEGMENTS) },
  );

const pathOf = ({ path }: Operation, ids: Ids): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...path.split('/').map((part, i, parts) => {
        const name = /^\{(\w+)\}$/.exec(part)?.[1];
        if (!name) return fc.constant(part);
        return segment(ids[name === 'id' ? parts[i - 1]! : name] ?? ids[name] ?? ['x']);
      }),
    )
    .map((parts) => parts.join('/'));

const pair = (name: string, value: unknown): string =>
  `${encoded(name)}=${encoded(typeof value === 'object' ? JSON.stringify(value) : String(value))}`;
const queryOf = ({ parameters = [] }: Operation): fc.Arbitrary<string> => {
  const fields = parameters.filter((parameter) => parameter.in === 'query');
  const pairs = fields.map(({ name, schema }) => generated(schema, name, 30).map((value) => pair(name, value)));
  const some = fc.subarray(pairs).chain((chosen) => fc.tuple(...chosen));
  const odd = fc.constantFrom(
    '&&&',
    '=',
    '?',
    'a[b][c]=1',
    '%',
    'q=%ff',
    'page=1&page=2',
    `q=${'x'.repeat(4_000)}`,
    'x&'.repeat(1_500),
  );
  return fc.oneof({ weight: 8, arbitrary: some.map((parts) => parts.join('&')) }, { weight: 1, arbitrary: odd });
};

type Body = Pick<Attack, 'body' | 'headers'>;
const JSON_TYPE = { 'content-type': 'application/json' };
const asJson = (value: unknown): Body => ({ headers: JSON_TYPE, body: JSON.stringify(value) ?? '' });
/** How a sound text becomes one that is not. */
const SPOILT: readonly ((text: string) => Body)[] = [
  (text) => ({ headers: JSON_TYPE, body: text.slice(0, text.length >> 1) }),
  (text) => ({ headers: JSON_TYPE, body: text.replace('{', '{"quantity":1,"quantity":2,') }),
  (text) => ({ headers: JSON_TYPE, body: text.replace(/\{"([^"]+)":/, '{"$1":1,"$1":') }),
  (text) => ({ headers: JSON_TYPE, body: text.replace(/\d+/, '1e999') }),
  (text) => ({ headers: JSON_TYPE, body: text.replace(/\d+/, '9'.repeat(400)) }),
  (text) => ({ headers: JSON_TYPE, body: text.replace(/"[^"]*"(?=[,}])/, '"\\ud800"') }),
  (text) => ({ headers: JSON_TYPE, body: text.replace(/"[^"]*"(?=[,}])/, '"\\u0000"') }),
  (text) => ({ headers: JSON_TYPE, body: Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe])]) }),
  (text) => ({ headers: JSON_TYPE, body: Buffer.from(text, 'utf16le') }),
  (text) => ({ headers: JSON_TYPE, body: `\ufeff${text}` }),
  (text) => ({ headers: { 'content-type': 'text/plain' }, body: text }),
  (text) => ({ headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: text }),
  (text) => ({ headers: { 'content-type': 'application/json; charset=utf-16' }, body: text }),
  (text) => ({ headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: text }),
  (text) => ({ headers: {}, body: text }),
];
const deep = (levels: number, open: string, close: string) => `${open.repeat(levels)}1${close.repeat(levels)}`;
const HUGE: readonly Body[] = [
  ...['[', '{"a":'].flatMap((open) =>
    [41, 20_000].map((levels) => ({ headers: JSON_TYPE, body: deep(levels, open, open === '[' ? ']' : '}') })),
  ),
  asJson({ name: 'x'.repeat(200_000) }),
  asJson({ lines: Array(20_000).fill({ sku: 'A' }) }),
  asJson('x'.repeat(400_000)),
  asJson(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 0]))),
];

const PIECES: readonly string[] = [
  ...[
    'sku,title,price:USD,stock,publish\n',
    'F-1,A kettle,19.99,3,yes\n',
    '"F-2","two\nlines",1,,\n',
    'F-3;x;1\n',
    '\r',
    '"',
  ],
  ...[
    '{"sku":"F-4","title":"A kettle","price":{"amount":100,"currency":"USD"},"stock":2}\n',
    '{"sku":\n',
    '[]\n',
    'null\n',
  ],
  ...['\ufeff', '\0', ',,,,\n', '1e999,9999999999999999,-1,x,y\n', '{"sku":"F-5","sku":"F-6"}\n', '='.repeat(300_000)],
];
/** Files, and what only claims to be one. */
const filesOf = (types: readonly string[]): fc.Arbitrary<Body> =>
  fc
    .record({
      type: fc.constantFrom(...types),
      text: fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.constantFrom(...WEIRD_TEXTS)), { maxLength: 6 }),
      isText: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    })
    .map(({ type, text, isText }) => ({
      headers: { 'content-type': type },
      body: isText ? text.join('') : Buffer.concat([Buffer.from(text.join('')), Buffer.from([0xff, 0xfe])]),
    }));

const bodyOf = ({ requestBody, method }: Operation): fc.Arbitrary<Body> => {
  const none = fc.constant<Body>({ headers: {} });
  const types = Object.keys(requestBody?.content ?? {}).filter((type) => !type.includes('json') || type.includes('nd'));
  if (types.length > 0) return fc.oneof({ weight: 9, arbitrary: filesOf(types) }, { weight: 1, arbitrary: none });
  const schema = requestBody?.content['application/json']?.schema ?? {};
  const good = generated(schema, '', 0).map(asJson);
  const mixed = generated(schema, '', 12).map(asJson);
  const spoilt = fc
    .tuple(generated(schema, '', 0), fc.constantFrom(...SPOILT))
    .map(([value, spoil]) => spoil(JSON.stringify(value)));
  if (method === 'GET') return fc.oneof({ weight: 9, arbitrary: none }, { weight: 1, arbitrary: mixed });
  return fc.oneof(
    { weight: 4, arbitrary: good },
    { weight: 6, arbitrary: mixed },
    { weight: 5, arbitrary: spoilt },
    { weight: 1, arbitrary: none },
    { weight: 1, arbitrary: fc.constantFrom(...HUGE) },
  );
};

/** Headers that mean something here, sound or not. None that asks for a long wait: that is not what is looked for. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'idempotency-key': ['a', '"quoted"', 'x'.repeat(255), 'x'.repeat(256), 'a b', 'ä', ''],
  prefer: ['wait=0', 'wait=abc', 'wait=-1', 'wait', 'respond-async; wait="0"'],
  position: ['orders=1', 'orders=x', '=,=', 'nowhere=1'],
  'last-event-id': ['1', '-1', 'x', '9'.repeat(30)],
  traceparent: ['00-0-0-0', 'x'],
  'x-request-id': ['r', 'a b', '<b>', 'x'.repeat(500)],
  'x-forwarded-for': ['1.2.3.4', 'unknown', '::1, <script>'],
  origin: ['https://evil.example', 'null'],
  accept: ['text/html', '*/*;q=x'],
  range: ['bytes=0-0'],
  'if-none-match': ['*', '"x"'],
  authorization: ['Bearer x', 'Bearer a.b.c', 'Basic eDp5', 'Bearer'],
  cookie: ['a=b'],
};
const headersOf = fc
  .subarray(Object.keys(HEADERS), { maxLength: 3 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom(...HEADERS[name]!)]))));

/** One request at `operation`, now and then by another method than its own; mostly as somebody who may. */
export const attackOn = (operation: Operation, roles: readonly string[], ids: Ids): fc.Arbitrary<Attack> =>
  fc
    .record({
      method: fc.oneof(
        { weight: 30, arbitrary: fc.constant(operation.method) },
        { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND') },
      ),
      path: pathOf(operation, ids),
      query: queryOf(operation),
      body: bodyOf(operation),
      headers: headersOf,
      key: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, { weight: 1, arbitrary: fc.constant('the-same') }),
      as: fc.oneof(
        { weight: 2, arbitrary: fc.constantFrom(...(operation.roles.length > 0 ? operation.roles : roles)) },
        { weight: 1, arbitrary: fc.constantFrom(...roles) },
      ),
    })
    .map(({ method, path, query, body, headers, key, as }) => ({
      method,
      path: query === '' ? path : `${path}?${query}`,
      as,
      headers: { 'idempotency-key': key, ...body.headers, ...headers },
      body: body.body,
    }));
