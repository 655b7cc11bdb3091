/** The webhooks of a provider in a test: sent when told to, as often and in the order that is asked for. */
import { createHash, createHmac } from 'node:crypto';

export interface Letter {
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}
export type Sign = (body: string, secret: string, id: string) => Readonly<Record<string, string>>;

/** `Stripe-Signature: t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">` */
export const signedLikeStripe: Sign = (body, secret) => {
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  return { 'stripe-signature': `t=${t},v1=${v1}` };
};
/** `X-Razorpay-Signature: <hex HMAC-SHA256 of the body>`, and the event's id beside it. */
export const signedLikeRazorpay: Sign = (body, secret, id) => ({
  'x-razorpay-signature': createHmac('sha256', secret).update(body).digest('hex'),
  'x-razorpay-event-id': id,
});

export class Mailbag {
  readonly #sign: Sign;
  readonly #kept: { readonly id: string; readonly body: string; delivered: boolean }[] = [];
  #to?: { readonly url: string; readonly secret: string };
  #prompt = true;
  #underWay = new Set<Promise<unknown>>();

  constructor(sign: Sign) {
    this.#sign = sign;
  }

  /** Where they go, and what they are signed with. `prompt`: each as soon as it is written, once. */
  address(url: string, secret: string, prompt = true): void {
    this.#to = { url, secret };
    this.#prompt = prompt;
  }

  write(id: string, body: string): void {
    const letter = { id, body, delivered: false };
    this.#kept.push(letter);
    if (!this.#to || !this.#prompt) return;
    const way = this.#post(letter).finally(() => this.#underWay.delete(way));
    this.#underWay.add(way);
  }

  /** Ids of those that nobody has taken yet. */
  get undelivered(): ReadonlySet<string> {
    return new Set(this.#kept.filter(({ delivered }) => !delivered).map(({ id }) => id));
  }
  get written(): readonly string[] {
    return this.#kept.map(({ body }) => body);
  }

  /** Sends all that were ever written, `copies` times, last ones first where `backwards`. The statuses that came back. */
  async flood({ copies = 1, backwards = false } = {}): Promise<readonly number[]> {
    const all = this.#kept.flatMap((letter) => Array.from({ length: copies }, () => letter));
    const statuses: number[] = [];
    for (const letter of backwards ? all.reverse() : all) statuses.push(await this.#post(letter));
    return statuses;
  }

  async quiet(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** As it would be sent now. */
  letters(): readonly Letter[] {
    const { secret } = this.#to!;
    return this.#kept.map(({ id, body }) => ({ id, body, headers: this.#sign(body, secret, id) }));
  }

  async #post(letter: { readonly id: string; readonly body: string; delivered: boolean }): Promise<number> {
    const { url, secret } = this.#to!;
    const headers = { 'content-type': 'application/json', ...this.#sign(letter.body, secret, letter.id) };
    try {
      const { ok, status } = await fetch(url, { method: 'POST', headers, body: letter.body });
      letter.delivered ||= ok;
      return status;
    } catch {
      return 0; // Nobody listens.
    }
  }
}

/** An id as providers make them. */
export const idOf = (prefix: string, n: number): string =>
  `${prefix}_${createHash('sha256').update(`${prefix}${n}${process.pid}`).digest('hex').slice(0, 20)}`;
