/** Files over HTTP: sent whole, or slowly and never to the end. */
import { randomUUID } from 'node:crypto';
import type { Received } from './http.ts';

export interface SentFile {
  readonly file: string | ReadableStream<Uint8Array>;
  readonly type?: string;
  readonly key?: string;
  readonly query?: string;
  /** Seconds. */
  readonly wait?: number;
}

export const sendFile = async (url: string, token: string, sent: SentFile): Promise<Received> => {
  const { file, type = 'text/csv', key = randomUUID(), query = '', wait = 0 } = sent;
  const response = await fetch(`${url}/api/v1/products/import${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type, 'idempotency-key': key, prefer: `wait=${wait}` },
    body: file,
    ...(typeof file !== 'string' && { duplex: 'half' }),
  } as RequestInit);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : JSON.parse(text) };
};
