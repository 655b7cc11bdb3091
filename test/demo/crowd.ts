/** Thousands of buyers who want the same thing: each a guest with an address, a key, and as much patience as people have. */
import { setTimeout as pause } from 'node:timers/promises';
import { clientOf, once } from '../kit/client.ts';

export type Fate = 'paid' | 'declined' | 'sold out' | 'limited' | 'gave up';
export interface Tally {
  inFlight: number;
  arrived: number;
  /** Requests that met a dead or busy shop, and were sent again under the same key. */
  repeated: number;
  readonly fates: Record<Fate, number>;
  /** Milliseconds from a buyer's first request to the end, by outcome, newest last. */
  readonly paid: number[];
  readonly refused: number[];
  /** What paid buyers were told: their orders. */
  readonly orders: Set<string>;
  readonly surprises: string[];
}
export const emptyTally = (): Tally => ({
  inFlight: 0,
  arrived: 0,
  repeated: 0,
  fates: { paid: 0, declined: 0, 'sold out': 0, limited: 0, 'gave up': 0 },
  paid: [],
  refused: [],
  orders: new Set(),
  surprises: [],
});

export interface CrowdParts {
  readonly url: string;
  readonly saleId: string;
  readonly buyers: number;
  /** Buyers who press the button at the same time. */
  readonly atOnce: number;
  readonly tally: Tally;
}

/** Most pay; some cards are declined, some banks ask, and some of those who are asked walk away. */
const tokenOf = (n: number): string => {
  const luck = (n * 7919) % 100;
  if (luck < 8) return 'tok_declined';
  if (luck < 16) return 'tok_3ds';
  return luck < 20 ? 'tok_timeout' : 'tok_success';
};
const walksAway = (n: number): boolean => (n * 104_729) % 5 === 0;

const PATIENCE = 60_000;
const RETRY = 250;
/** Told by the shop that it cannot do it now, or not told anything at all. */
const again = (status: number | undefined): boolean => status === undefined || status === 503 || status === 409;

type Told = { readonly status: number | undefined; readonly data?: Record<string, unknown>; readonly code?: string };

class Buyer {
  readonly #parts: CrowdParts;
  readonly #n: number;
  readonly #address: string;
  readonly #until = performance.now() + PATIENCE;

  constructor(parts: CrowdParts, n: number) {
    this.#parts = parts;
    this.#n = n;
    this.#address = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
  }

  async buy(): Promise<Fate> {
    const token = await this.#become();
    if (token === undefined) return 'gave up';
    const told = await this.#insist(() => this.#purchase(token));
    if (told.code === 'sold_out') return 'sold out';
    if (told.status === 429) return 'limited';
    if (told.status === 402) return 'declined';
    if (told.status === 202) return this.#follow(token, told);
    return this.#isPaid(told);
  }

  async #become(): Promise<string | undefined> {
    const told = await this.#insist(() => this.#call(() => this.#client().POST('/api/v1/auth/guest')));
    return told.data?.token as string | undefined;
  }

  #purchase(token: string): Promise<Told> {
    const { saleId } = this.#parts;
    const params = { path: { id: saleId }, header: once(`demo-${this.#n}`) };
    const body = { currency: 'USD', quantity: 1, payment: { token: tokenOf(this.#n) } };
    const headers = { prefer: 'wait=10' };
    const path = '/api/v1/flash-sales/{id}/purchases';
    return this.#call(() => this.#client(token).POST(path, { params, body, headers }));
  }

  /** The bank asks, or it takes its time. */
  async #follow(token: string, first: Told): Promise<Fate> {
    const action = first.data?.next_action as { readonly url?: string } | null | undefined;
    if (action?.url && walksAway(this.#n)) return 'gave up';
    if (action?.url) await this.#insist(() => this.#call(() => approve(action.url!)));
    const params = { path: { id: String(first.data?.checkout_id) } };
    const look = () =>
      this.#call(() => this.#client(token).GET('/api/v1/checkouts/{id}', { params, headers: { prefer: 'wait=10' } }));
    for (;;) {
      const told = await this.#insist(look);
      const status = told.data?.status;
      if (status === 'completed') return this.#isPaid(told);
      if (status === 'aborted') return 'declined';
      if (performance.now() > this.#until) return 'gave up';
    }
  }

  #isPaid({ status, data, code }: Told): Fate {
    const { tally } = this.#parts;
    if (data?.status === 'completed') {
      for (const order of data.order_ids as string[]) tally.orders.add(order);
      return 'paid';
    }
    tally.surprises.push(`${status} ${code ?? ''}`);
    return 'gave up';
  }

  async #insist(act: () => Promise<Told>): Promise<Told> {
    for (;;) {
      const told = await act();
      const busy = again(told.status) && told.code !== 'sold_out' && told.code !== 'buyer_limit_reached';
      if (!busy || performance.now() > this.#until) return told;
      this.#parts.tally.repeated += 1;
      await pause(RETRY + ((this.#n * 37) % RETRY));
    }
  }

  #client(token?: string) {
    const client = clientOf(this.#parts.url, token);
    client.use({ onRequest: ({ request }) => void request.headers.set('x-forwarded-for', this.#address) });
    return client;
  }

  async #call(send: () => Promise<{ readonly response: Response; data?: unknown; error?: unknown }>): Promise<Told> {
    try {
      const { response, data, error } = await send();
      const { code } = (error ?? {}) as { code?: string };
      return { status: response.status, data: (data as { data?: Record<string, unknown> } | undefined)?.data, code };
    } catch {
      return { status: undefined };
    }
  }
}

const approve = async (url: string) => ({
  response: await fetch(`${url}/approve`, { method: 'POST', redirect: 'manual' }),
});

/** All of them, `atOnce` at a time; resolves when the last one has an end. */
export const crowd = async (parts: CrowdParts): Promise<void> => {
  const { tally } = parts;
  const queue = Array.from({ length: parts.buyers }, (_, n) => n);
  const walk = async () => {
    for (let n = queue.shift(); n !== undefined; n = queue.shift()) {
      const begin = performance.now();
      tally.arrived += 1;
      tally.inFlight += 1;
      const fate = await new Buyer(parts, n).buy();
      tally.inFlight -= 1;
      tally.fates[fate] += 1;
      (fate === 'paid' ? tally.paid : tally.refused).push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: parts.atOnce }, walk));
};
