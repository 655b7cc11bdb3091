/** Files over HTTP: sent whole, or slowly and never to the end. */
import { randomUUID } from 'node:crypto';
import { by, once, taken, waiting } from './client.ts';
import type { Shop } from './shop.ts';
import { until } from './until.ts';

export interface SentFile {
  readonly type?: 'text/csv' | 'application/x-ndjson';
  readonly key?: string;
  /** For whom, when an admin sends it. */
  readonly seller?: string;
  /** Seconds. */
  readonly wait?: number;
}

/** A file of products, sent by whose `token` it is. */
export const sendFile = (shop: Shop, token: string, file: string, sent: SentFile = {}) => {
  const { type = 'text/csv', key, seller, wait = 0 } = sent;
  return shop.client(token).POST('/api/v1/products/import', {
    params: { header: { ...once(key), ...waiting(wait) }, query: { seller_id: seller } },
    headers: { 'content-type': type },
    body: file,
    bodySerializer: (text) => text,
  });
};

/** What is no file, or comes in pieces: nothing for the typed client. */
export const sendBytes = (
  shop: Shop,
  token: string,
  file: string | ReadableStream<Uint8Array>,
  { type = 'text/csv', key = randomUUID() } = {},
): Promise<Response> =>
  fetch(`${shop.url}/api/v1/products/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type, 'idempotency-key': key },
    body: file,
    ...(typeof file !== 'string' && { duplex: 'half' }),
  } as RequestInit);

/** The import once all its rows are done. `timeout` in milliseconds. */
export const imported = (shop: Shop, token: string, id: string, timeout = 10_000) =>
  until(
    async () => {
      const progress = taken(await shop.client(token).GET('/api/v1/products/imports/{id}', by(id)));
      return progress.status === 'completed' ? progress : undefined;
    },
    { timeout, what: 'the import' },
  );
