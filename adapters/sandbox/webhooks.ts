/** The sandbox provider's messages: signed, over HTTP, until the receiver says 2xx. They may come late, twice and out of order. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Pool } from 'undici';
import type { GatewayNotice, NoticeReader } from '../../actors/ports/gateway.ts';
import type { Books } from './books.ts';

export const SIGNATURE_HEADER = 'x-sandbox-signature';
/** Seconds by which a signature's time may differ from ours. */
const TOLERANCE = 300;
const FIRST_RETRY = 200;
const LAST_RETRY = 30_000;
const MARK_AFTER = 100;
const MARK_AGAIN = 1_000;

const mac = (secret: string, timestamp: string, body: string | Buffer): Buffer =>
  createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();

/** `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">` */
export const sign = (secret: string, body: string, now = Date.now()): string => {
  const timestamp = String(Math.floor(now / 1000));
  return `t=${timestamp},v1=${mac(secret, timestamp, body).toString('hex')}`;
};

/** Accepts any of `secrets`, so that one can be rotated. */
export const noticeReader = (secrets: readonly string[]): NoticeReader => ({
  read: (rawBody, headers) => {
    const [, timestamp, signature] =
      /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(String(headers[SIGNATURE_HEADER] ?? '')) ?? [];
    if (!timestamp || !signature || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE) return undefined;
    const given = Buffer.from(signature, 'hex');
    if (!secrets.some((secret) => timingSafeEqual(mac(secret, timestamp, rawBody), given))) return undefined;
    return toNotice(rawBody.toString('utf8'));
  },
});

/** Throws SyntaxError when it is not what this provider sends. */
export const toNotice = (body: string): GatewayNotice => {
  const told = JSON.parse(body) as Readonly<Record<string, string | undefined>> | null;
  const { id, type, payment_id: paymentId, key, reference, subject } = told ?? {};
  if (typeof id !== 'string' || typeof type !== 'string') throw new SyntaxError('not an event');
  const about = type.startsWith('dispute.') ? 'dispute' : 'payment';
  return { eventId: id, type, about, paymentId, key, references: reference ? [reference] : [], subject };
};

export interface SenderOptions {
  readonly books: Books;
  readonly secret: string;
  /** Where the receiver listens; asked at every delivery, because a port may be given late. */
  readonly target: () => string | undefined;
}

export class WebhookSender {
  readonly #options: SenderOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #known = new Set<string>();
  #pool?: Pool;
  #origin?: string;
  #done: string[] = [];
  #marking?: NodeJS.Timeout;
  #stopped = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** What is undelivered and in nobody's hand: from an earlier life, or written by a statement whose outcome nobody learned. */
  async resume(): Promise<void> {
    for (const { id, body, tries, wait } of await this.#options.books.undelivered(10_000))
      this.send({ id, body, delay: wait }, tries);
  }

  send({ id, body, delay }: { readonly id: string; readonly body: string; readonly delay: number }, tries = 0): void {
    if (this.#known.has(id) || this.#stopped) return;
    this.#known.add(id);
    this.#later(delay, () => this.#deliver(id, body, tries));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#marking);
    await this.#mark();
    await this.#pool?.close();
  }

  #later(milliseconds: number, action: () => void): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, milliseconds);
    this.#timers.add(timer);
  }

  async #deliver(id: string, body: string, tries: number): Promise<void> {
    if (await this.#post(body)) {
      this.#done.push(id);
      this.#marking ??= setTimeout(() => void this.#mark(), MARK_AFTER);
      return;
    }
    this.#later(Math.min(FIRST_RETRY * 2 ** tries, LAST_RETRY), () => void this.#deliver(id, body, tries + 1));
  }

  async #post(body: string): Promise<boolean> {
    const target = this.#options.target();
    if (!target) return false;
    const { origin, pathname } = new URL(target);
    if (origin !== this.#origin) {
      this.#origin = origin;
      this.#pool = new Pool(origin, { connections: 16, headersTimeout: 10_000, bodyTimeout: 10_000 });
    }
    const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: sign(this.#options.secret, body) };
    try {
      const response = await this.#pool!.request({ method: 'POST', path: pathname, headers, body });
      await response.body.dump();
      return response.statusCode >= 200 && response.statusCode < 300;
    } catch {
      // Nobody listens (yet, or any more): it is tried again.
      return false;
    }
  }

  /** Many deliveries, one update, again later when there is no database. One that is not marked is sent once more after a restart. */
  async #mark(): Promise<void> {
    this.#marking = undefined;
    const ids = this.#done;
    this.#done = [];
    if (ids.length === 0) return;
    try {
      await this.#options.books.delivered(ids);
      for (const id of ids) this.#known.delete(id);
    } catch {
      this.#done.push(...ids);
      if (!this.#stopped) this.#marking ??= setTimeout(() => void this.#mark(), MARK_AGAIN).unref();
    }
  }
}
