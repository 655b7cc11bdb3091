/** A client that costs little beside what is measured: a pool of connections, JSON in and out. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';

export type Json = Record<string, unknown>;
export interface Told {
  readonly status: number;
  readonly json: Json & { readonly data: Json };
}
export interface More {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every request has an `Idempotency-Key` of its own. */
export const clientOf = (url: string, connections: number) => {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const post = async (path: string, body?: Json, { token, headers: more }: More = {}): Promise<Told> => {
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      ...(token && { authorization: `Bearer ${token}` }),
      ...more,
    };
    const response = await pool.request({ method: 'POST', path, headers, body: body && JSON.stringify(body) });
    return { status: response.statusCode, json: (await response.body.json()) as Told['json'] };
  };
  return { post, close: () => pool.close() };
};
export type Client = ReturnType<typeof clientOf>;

export const loginOf = async ({ post }: Client, email: string, password: string): Promise<string> =>
  String((await post('/api/v1/auth/login', { email, password })).json.data.token);

/** Publishes a product as its seller; its id. */
export const publish = async ({ post }: Client, token: string, body: Json): Promise<string> => {
  const product = await post('/api/v1/products', body, { token });
  const id = String(product.json.data.product_id);
  await post(`/api/v1/products/${id}/publish`, undefined, { token });
  return id;
};
