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
/** The header of a request that waits for the end. */
export const waiting = (seconds = 20) => ({ Prefer: `wait=${seconds}` });
/** The answer to a change. */
export interface Written {
  readonly response: Response;
}
/** The header of a read that sees what was written. */
export const seeing = (...written: readonly Written[]) => ({
  Position: written.map(({ response }) => response.headers.get('position') ?? '').join(),
});

/** Of the one thing that the path names; `header` as the document names them. */
export function by(id: string): { params: { path: { id: string } } };
export function by<H extends object>(id: string, header: H): { params: { path: { id: string }; header: H } };
export function by(id: string, header?: object) {
  return { params: { path: { id }, ...(header && { header }) } };
}

interface Given<D, P = unknown> {
  readonly data?: D;
  readonly error?: P;
  readonly response: Response;
}
/** What a successful answer brings. Throws the problem of any other. */
export const taken = <D extends { readonly data: unknown }>({ data, error, response }: Given<D>): D['data'] => {
  if (!data) throw new Error(`${response.status} from ${response.url}: ${JSON.stringify(error)}`);
  return data.data;
};
/** The problem of an answer that is refused. Throws when it is not. */
export const refused = <P>({ error, response }: Given<unknown, P>): NonNullable<P> => {
  if (!error) throw new Error(`${response.status} from ${response.url}, which should have been refused`);
  return error;
};
/** An answer in a word or two: `201`, or `409 out_of_stock`. */
export const told = ({ error, response: { status } }: Given<unknown, { readonly code: string }>): string =>
  error && status >= 400 ? `${status} ${error.code}` : String(status);
