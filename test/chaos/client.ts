/** HTTP with a memory: every request and its answer is kept, answers that never came too. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Exchange } from './rows.ts';

/** A file, all at once or with pauses. */
export interface Upload {
  readonly type: string;
  readonly text: string;
  /** Milliseconds between two of its eight parts. */
  readonly pause?: number;
}
export interface Sent {
  /** The user, and their token. */
  readonly who: string;
  readonly token?: string;
  readonly what: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly key?: string;
  readonly body?: unknown;
  /** Instead of a body. */
  readonly file?: Upload;
  /** Seconds. */
  readonly wait?: number;
}

const digestOf = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(body) ?? '')
    .digest('base64url')
    .slice(0, 16);

const contentOf = ({ body, file }: Sent): unknown => file?.text ?? body;

async function* inParts({ text, pause: gap = 0 }: Upload): AsyncIterable<Buffer> {
  const bytes = Buffer.from(text);
  const part = Math.ceil(bytes.length / 8);
  for (let start = 0; start < bytes.length; start += part) {
    yield bytes.subarray(start, start + part);
    await pause(gap);
  }
}
const payloadOf = ({ body, file }: Sent): string | Readable | undefined => {
  if (file) return file.pause ? Readable.from(inParts(file)) : file.text;
  return body === undefined ? undefined : JSON.stringify(body);
};

const headersOf = ({ token, key, body, file, wait }: Sent): Record<string, string> => ({
  ...(token && { authorization: `Bearer ${token}` }),
  ...(key && { 'idempotency-key': key }),
  ...(body !== undefined && { 'content-type': 'application/json' }),
  ...(file && { 'content-type': file.type }),
  ...(wait && { prefer: `wait=${wait}` }),
});

interface Envelope {
  readonly data?: Record<string, unknown>;
  readonly code?: string;
  /** Beside 503: what is missing. */
  readonly reason?: string;
  /** Beside a problem: what became of the purchase. */
  readonly checkout?: Record<string, unknown>;
}

/** Worth another try under the same key: nobody was there, or nobody can say now. */
export const isOpen = ({ status, code }: Exchange): boolean =>
  status === 0 || status >= 500 || (status === 409 && code === 'request_in_progress');

export class Recorder {
  readonly history: Exchange[] = [];
  readonly #url: string;
  readonly #agent = new Agent({ connections: 256, headersTimeout: 40_000, bodyTimeout: 40_000, connectTimeout: 2_000 });
  #n = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async send(sent: Sent): Promise<Exchange> {
    const { who, what, method = 'POST', path, key } = sent;
    const at = Date.now();
    const start = performance.now();
    const answer = await this.#ask(sent);
    const exchange = {
      n: ++this.#n,
      who,
      what,
      method,
      path,
      key,
      digest: digestOf(contentOf(sent)),
      start,
      end: performance.now(),
      at,
    };
    const kept = { ...exchange, ...answer };
    this.history.push(kept);
    return kept;
  }

  /** Again and again under the same key, until somebody says what it came to; the last answer when `until` is over. */
  async insist(sent: Sent, until: () => boolean): Promise<Exchange> {
    for (let wait = 50; ; wait = Math.min(wait * 1.5, 500)) {
      const answer = await this.send(sent);
      if (!isOpen(answer) || until()) return answer;
      await pause(wait);
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #ask(sent: Sent): Promise<Pick<Exchange, 'status' | 'code' | 'data'>> {
    try {
      const { statusCode, body } = await request(this.#url + sent.path, {
        dispatcher: this.#agent,
        method: sent.method ?? 'POST',
        headers: headersOf(sent),
        body: payloadOf(sent),
      });
      const text = await body.text();
      const { data, code, reason, checkout } = (text.startsWith('{') ? JSON.parse(text) : {}) as Envelope;
      return { status: statusCode, code: statusCode === 503 ? `${code} ${reason}` : code, data: data ?? checkout };
    } catch (error) {
      return { status: 0, code: String((error as { code?: unknown }).code ?? error) };
    }
  }
}
