/** The typed client, as an application uses it: paths, bodies and answers are what the OpenAPI document says. */
import { randomUUID } from 'node:crypto';
import createClient from 'openapi-fetch';
import type { paths } from '../../contracts/client.v1.d.ts';

export type Client = ReturnType<typeof clientOf>;

/** `token`: of the caller; nobody without. */
export const clientOf = (baseUrl: string, token?: string) =>
  createClient<paths>({ baseUrl, redirect: 'manual', headers: token ? { authorization: `Bearer ${token}` } : {} });

/** The header of a request that may be repeated. */
export const once = (key: string = randomUUID()) => ({ 'Idempotency-Key': key });

interface Given<T> {
  readonly data?: { readonly data: T };
  readonly error?: unknown;
  readonly response: Response;
}
/** What a successful answer brings. Throws the problem of any other. */
export const taken = <T>({ data, error, response }: Given<T>): T => {
  if (!data) throw new Error(`${response.status} from ${response.url}: ${JSON.stringify(error)}`);
  return data.data;
};
