/**
 * Answers to reads that everybody may see, kept as text for as long as they are true: until the views that they were made
 * of change, and for a moment at most, because prices change by the clock. Asking again costs neither a query nor JSON.
 */
import { hash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Kept, Reply, Route } from './routes.ts';

/** Names what the rows of these views are now; undefined: this node cannot tell. */
export type StateOf = (views: readonly string[]) => string | undefined;
export interface Entry extends Kept {
  readonly route: Route;
  /** What was sent with it, but for what names the single request; undefined until it was sent once. */
  head?: Head;
  readonly state: string;
  readonly until: number;
}

/** As it goes out: names and values in turn, so that nobody has to go through them again. */
export interface Head {
  readonly headers: OutgoingHttpHeaders;
  readonly whole: readonly string[];
  /** Of an answer that has no body. */
  readonly bodiless: readonly string[];
  /** The bytes of the body, a letter each: what has no letter above 255 goes out with the head as it is. */
  readonly bytes: string;
}

/** Milliseconds. */
const TRUE_FOR = 1_000;
/** Bytes of all bodies; then the oldest go. */
const ROOM = 32 * 2 ** 20;
/** Bytes that an entry costs beside its body. */
const OVERHEAD = 500;

export const keptOf = (body: string): Kept => ({
  body,
  length: Buffer.byteLength(body),
  etag: `"${hash('sha1', body, 'base64url')}"`,
});

/** Who logs in may see more, and who names a position has to wait for it. */
const isAnybodys = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && headers.authorization === undefined && headers.position === undefined;

/** Of one request, or of the origin that it came from. */
const OWN = /^(x-request-id|traceparent|ratelimit|ratelimit-policy|connection|content-length|access-control-.*)$/;
const headOf = (sent: OutgoingHttpHeaders, { body, length }: Kept): Head => {
  const stable = Object.entries(sent).filter(([name]) => !OWN.test(name) && name !== 'content-type');
  const bodiless = stable.flatMap(([name, value]) => [name, String(value)]);
  const about = ['content-type', 'application/json; charset=utf-8', 'content-length', String(length)];
  return {
    headers: Object.fromEntries(stable),
    whole: [...bodiless, ...about],
    bodiless,
    bytes: Buffer.from(body).toString('latin1'),
  };
};

export class Keeper {
  readonly #stateOf: StateOf;
  readonly #entries = new Map<string, Entry>();
  readonly #making = new Map<string, Promise<Reply>>();
  #bytes = 0;

  constructor(stateOf: StateOf = () => undefined) {
    this.#stateOf = stateOf;
  }

  /** What is kept for this request and still true. */
  find(req: IncomingMessage): Entry | undefined {
    const url = req.url!;
    const entry = this.#entries.get(url);
    if (!entry || !isAnybodys(req)) return undefined;
    if (performance.now() < entry.until && this.#stateOf(entry.route.cached!) === entry.state) return entry;
    this.#drop(url, entry);
    return undefined;
  }

  /** The state that an answer would be made of, to be asked before it is; undefined: it is not to be kept. */
  stateFor(route: Route, req: IncomingMessage): string | undefined {
    return route.cached && isAnybodys(req) ? this.#stateOf(route.cached) : undefined;
  }

  /** Of many who ask for the same in the same state at once, one makes the answer. */
  once(url: string, state: string, make: () => Promise<Reply>): Promise<Reply> {
    const key = `${state} ${url}`;
    const making = this.#making.get(key) ?? make().finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  keep(url: string, route: Route, state: string, kept: Kept): void {
    const known = this.#entries.get(url);
    if (known) this.#drop(url, known);
    this.#entries.set(url, { ...kept, route, state, until: performance.now() + TRUE_FOR });
    this.#bytes += kept.length + OVERHEAD;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= ROOM) return;
      this.#drop(oldest, entry);
    }
  }

  /** How it was sent. */
  learn(url: string, sent: OutgoingHttpHeaders): void {
    const entry = this.#entries.get(url);
    if (entry) entry.head ??= headOf(sent, entry);
  }

  #drop(url: string, { length }: Entry): void {
    this.#entries.delete(url);
    this.#bytes -= length + OVERHEAD;
  }
}
