/** Buyers, sellers and an admin who do not stop, whatever happens to the other side. */
import { setTimeout as pause } from 'node:timers/promises';
import { toldOf } from './checks.history.ts';
import type { Sent } from './client.ts';
import type { Floor, LoadParts } from './floor.ts';
import { addMeanwhile, cartWish } from './load.carts.ts';
import { importFile } from './load.imports.ts';
import { flashWish, holdSale } from './load.sales.ts';
import type { Chance } from './random.ts';
import type { Exchange } from './rows.ts';
import { guestOf, type Person, type Ware } from './shop.ts';

const TOKENS = {
  tok_success: 40,
  tok_declined: 8,
  tok_insufficient_funds: 5,
  tok_3ds: 16,
  tok_timeout: 8,
  tok_outage: 6,
  tok_capture_refused: 6,
  tok_duplicate_webhook: 6,
  tok_late_webhook: 5,
} as const;
const TYPES = { prepaid: 90, 'cash-on-delivery': 6, 'on-account': 4 } as const;
const CHALLENGES = { approve: 50, deny: 20, abandon: 12, late: 18 } as const;
const REPEATS = { once: 74, later: 14, tenfold: 8, changed: 4 } as const;
const AFTERWARDS = { nothing: 62, refund: 12, 'part-refund': 8, cancel: 10, look: 8 } as const;
/** How impatient: seconds that the request waits for the end. */
const WAITS = [0, 0, 1, 5, 20] as const;

export class Load {
  readonly #parts: Floor;
  readonly #running: Promise<void>[] = [];
  /** Nobody who sent anything before takes the same keys. */
  readonly #begin: number;
  readonly #over = new AbortController();
  #n = 0;

  constructor(parts: LoadParts) {
    this.#begin = parts.recorder.history.length;
    const insist = (sent: Sent) => this.#insist(sent);
    const isOver = () => this.#over.signal.aborted;
    const rest = (ms: number) => pause(ms, undefined, this.#over).catch(() => undefined);
    this.#parts = { ...parts, sales: [], key: () => this.#key(), insist, isOver, rest };
  }

  start(): void {
    const { shop } = this.#parts;
    const floor = this.#parts;
    for (const [n, buyer] of shop.buyers.entries()) this.#repeat((luck) => this.#buyer(buyer, luck), `buyer ${n}`);
    for (const [n, guest] of shop.guests.entries()) this.#repeat((luck) => this.#guest(guest, luck), `guest ${n}`);
    for (const [n, seller] of shop.sellers.entries()) {
      this.#repeat((luck) => this.#seller(seller, luck), `seller ${n}`);
      this.#repeat((luck) => holdSale(floor, seller, luck), `sales ${n}`);
      this.#repeat((luck) => importFile(floor, seller, luck), `files ${n}`);
    }
  }

  /** Nobody begins anything new; what is begun is insisted on a little longer, then left. */
  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#running);
  }

  #repeat(act: (luck: Chance) => Promise<void>, name: string): void {
    const luck = this.#parts.chance.fork(name);
    const run = async () => {
      while (!this.#parts.isOver()) await act(luck);
    };
    this.#running.push(run());
  }

  #key(): string {
    this.#n += 1;
    return `${this.#begin}-${this.#n}`;
  }

  #basket(luck: Chance): { sku: string; quantity: number }[] {
    const { wares } = this.#parts.shop;
    const [few, many] = [wares.filter(({ scarce }) => scarce), wares.filter(({ scarce }) => !scarce)];
    const lines = Array.from({ length: luck.pick([1, 1, 2, 3, 4]) }, () => luck.pick(luck.happens(0.25) ? few : many));
    return lines.map(({ sku, scarce }) => ({ sku, quantity: scarce ? 1 : 1 + luck.below(3) }));
  }

  #payment(luck: Chance) {
    const order_type = luck.choose(TYPES);
    return { order_type, payment: order_type === 'prepaid' ? { token: luck.choose(TOKENS) } : undefined };
  }

  #purchase(buyer: Person, luck: Chance): Sent {
    const body = { lines: this.#basket(luck), currency: 'USD', ...this.#payment(luck) };
    const path = luck.happens(0.7) ? '/api/v1/checkouts' : '/api/v1/orders';
    return { ...buyer, what: 'buy', path, key: this.#key(), body, wait: luck.pick(WAITS) };
  }

  /** Some come for the sales only, and some of them come as somebody else every time. */
  async #guest(guest: Person, luck: Chance): Promise<void> {
    const { recorder } = this.#parts;
    const newcomer = luck.happens(0.5) ? await guestOf(recorder).catch(() => undefined) : undefined;
    const buyer = newcomer ?? guest;
    const sent = flashWish(this.#parts, buyer, luck);
    if (sent) await this.#pursue(buyer, sent, luck);
    else await pause(200);
  }

  async #buyer(buyer: Person, luck: Chance): Promise<void> {
    const flash = luck.happens(0.3) ? flashWish(this.#parts, buyer, luck) : undefined;
    if (!flash && luck.happens(0.4)) return this.#cartBuyer(buyer, luck);
    await this.#pursue(buyer, flash ?? this.#purchase(buyer, luck), luck);
  }

  async #cartBuyer(buyer: Person, luck: Chance): Promise<void> {
    const lines = this.#basket(luck);
    const sent = await cartWish(this.#parts, buyer, lines, this.#payment(luck), luck);
    const more = luck.happens(0.2) ? addMeanwhile(this.#parts, buyer, sent, lines[0]!) : undefined;
    await Promise.all([this.#pursue(buyer, sent, luck), more]);
  }

  /** One purchase with all its consequences. Some buyers give up at the first silence: nobody tells them the end. */
  async #pursue(buyer: Person, sent: Sent, luck: Chance): Promise<void> {
    const answer = await this.#buy(buyer, sent, luck);
    const told = toldOf(answer);
    if (!told) return this.#refused(sent, luck);
    const { id } = told;
    if (luck.happens(0.08)) await this.#cancel(buyer, id);
    const last = await this.#follow(buyer, id, answer, luck);
    if (toldOf(last)?.end === 'completed') await this.#afterwards(buyer, last, luck);
    if (luck.happens(0.1)) await this.#insist({ ...sent, wait: 0 });
    await pause(luck.below(30));
  }

  /** Who was refused asks once more now and then, under the same key: perhaps something came back. */
  async #refused(sent: Sent, luck: Chance): Promise<void> {
    await pause(sent.what === 'flash' ? 50 + luck.below(300) : 20);
    if (luck.happens(0.3)) await this.#insist({ ...sent, wait: 0 });
  }

  async #buy(buyer: Person, sent: Sent, luck: Chance): Promise<Exchange> {
    const { recorder } = this.#parts;
    switch (luck.choose(REPEATS)) {
      case 'tenfold': {
        const all = await Promise.all(Array.from({ length: 10 }, () => this.#insist(sent)));
        return all.find((one) => toldOf(one)?.end) ?? all[0]!;
      }
      case 'later': {
        await recorder.send({ ...sent, wait: 0 });
        await pause(luck.below(400));
        return this.#insist(sent);
      }
      case 'changed': {
        const answer = await this.#insist(sent);
        const other = sent.what === 'flash' ? flashWish(this.#parts, buyer, luck) : undefined;
        const { body } = other ?? this.#purchase(buyer, luck);
        if (answer.status < 300) await recorder.send({ ...sent, body });
        return answer;
      }
      case 'once':
        return luck.happens(0.1) ? recorder.send(sent) : this.#insist(sent);
    }
  }

  #insist(sent: Sent): Promise<Exchange> {
    return this.#parts.recorder.insist(sent, this.#parts.isOver);
  }

  #look(buyer: Person, id: string, wait: number): Promise<Exchange> {
    const path = `/api/v1/checkouts/${id}`;
    return this.#insist({ ...buyer, what: 'look', method: 'GET', path, wait });
  }

  /** Until its end, or until the buyer has had enough; answers the bank's question on the way. */
  async #follow(buyer: Person, id: string, first: Exchange, luck: Chance): Promise<Exchange> {
    let seen = first;
    let answered = false;
    for (let looks = 0; looks < 8 && !this.#parts.isOver(); looks += 1) {
      if (toldOf(seen)?.end) return seen;
      const action = seen.data?.next_action as { readonly url?: string } | null | undefined;
      if (action?.url && !answered) {
        answered = true;
        if (!(await this.#challenge(buyer, action.url, luck))) return seen;
      }
      seen = await this.#look(buyer, id, answered ? 3 : 1);
      if (seen.status >= 400) return seen;
    }
    return seen;
  }

  /** False: the buyer walks away from the bank's page. */
  async #challenge(buyer: Person, url: string, luck: Chance): Promise<boolean> {
    const how = luck.choose(CHALLENGES);
    if (how === 'abandon') return false;
    // Around the deadline: before, at, and after it.
    if (how === 'late') await pause(this.#parts.deadline - 300 + luck.below(600));
    const { pathname } = new URL(url);
    const path = `${pathname}/${how === 'deny' ? 'deny' : 'approve'}`;
    await this.#insist({ who: buyer.who, what: 'challenge', path });
    return true;
  }

  #cancel(buyer: Person, id: string): Promise<Exchange> {
    const path = `/api/v1/checkouts/${id}/cancel`;
    return this.#insist({ ...buyer, what: 'cancel', path, key: this.#key(), body: { reason: 'changed my mind' } });
  }

  async #afterwards(buyer: Person, { data }: Exchange, luck: Chance): Promise<void> {
    const [order] = (data?.order_ids ?? []) as readonly string[];
    const what = luck.choose(AFTERWARDS);
    if (what === 'look') await this.#insist({ ...buyer, what, method: 'GET', path: `/api/v1/orders/${order}` });
    if (what === 'cancel') {
      const path = `/api/v1/orders/${order}/cancel`;
      await this.#insist({ ...buyer, what: 'cancel-order', path, key: this.#key(), body: { reason: 'too late?' } });
    }
    if (data?.payment_id && (what === 'refund' || what === 'part-refund'))
      await this.#refund(
        String(data.payment_id),
        what === 'refund' ? {} : { order_id: order, amount: 1 + luck.below(900) },
      );
  }

  async #refund(payment: string, part: object): Promise<void> {
    const body = { reason: 'broken', ...part };
    const path = `/api/v1/payments/${payment}/refund`;
    const sent = { ...this.#parts.shop.admin, what: 'refund', path, key: this.#key(), body };
    await Promise.all([this.#insist(sent), this.#insist(sent)]);
  }

  /** Fills the shelves a little, and counts wrong now and then. */
  async #seller(seller: Person, luck: Chance): Promise<void> {
    const own = this.#parts.shop.wares.filter((ware) => ware.seller === seller);
    const ware: Ware = luck.pick(own);
    const path = `/api/v1/inventory/${ware.sku}`;
    const receipt = { path: `${path}/receipts`, body: { quantity: 1 + luck.below(3) }, what: 'receipt' };
    const correction = {
      path: `${path}/adjustments`,
      body: { delta: luck.below(5) - 3 || 1, reason: 'counted' },
      what: 'adjustment',
    };
    await this.#insist({ ...seller, ...(luck.happens(0.7) ? receipt : correction), key: this.#key() });
    await pause(100 + luck.below(300));
  }
}
