/** The typed client of tests: each change gets a key of its own, and each answer is held against the OpenAPI document. */
import { randomUUID } from 'node:crypto';
import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from '../../contracts/client.v1.d.ts';
import { undocumented } from './documented.ts';

/** An operation whose headers may be left out: the key comes by itself. */
type Keyed<O> = O extends { parameters: { header: infer H } }
  ? Omit<O, 'parameters'> & { parameters: Omit<O['parameters'], 'header'> & { header?: Partial<H> } }
  : O;
type KeyedPaths = { [P in keyof paths]: { [M in keyof paths[P]]: Keyed<paths[P][M]> } };
export type CheckedClient = ReturnType<typeof checkedClient>;

const KEY = 'idempotency-key';
const keys: Middleware = {
  onRequest: ({ request }) => {
    if (request.method !== 'GET' && !request.headers.has(KEY)) request.headers.set(KEY, randomUUID());
  },
};
const jsonOf = async (response: Response, type: string | null): Promise<unknown> => {
  const text = type?.includes('json') ? await response.clone().text() : '';
  return text === '' ? undefined : JSON.parse(text);
};
const checks: Middleware = {
  onResponse: async ({ request: { method, url }, response }) => {
    const type = response.headers.get('content-type');
    const wrong = undocumented({ method, url, status: response.status, type, json: await jsonOf(response, type) });
    if (wrong) throw new Error(wrong);
  },
};

/** Throws when an answer is not what the document says. `token`: of the caller; nobody without. */
export const checkedClient = (baseUrl: string, token?: string) => {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const client = createClient<KeyedPaths>({ baseUrl, redirect: 'manual', headers });
  client.use(keys, checks);
  return client;
};
