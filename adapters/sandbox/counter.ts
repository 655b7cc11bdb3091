/** Where calls wait: those that come together share a look into the books and a transaction. */
import type { GatewayResult } from '../../contracts/payments.ts';
import type { Books, Entry, WebhookRow } from './books.ts';
import type { Charge } from './charge.ts';
import { RecentCharges } from './recent.ts';

interface Waiting {
  readonly key: string;
  /** Key or reference of the charge that the call is about. */
  readonly charge: string;
  /** The charge is most likely not in the books yet. */
  readonly opens: boolean;
  readonly decide: (found: Charge | undefined) => Decided;
  readonly resolve: (result: GatewayResult) => void;
  readonly reject: (error: unknown) => void;
}
export interface Decided {
  readonly entry: Entry;
  readonly result: GatewayResult;
}

const ATTEMPTS = 5;

export interface CounterParts {
  readonly books: Books;
  readonly webhooks: { send(webhook: WebhookRow): void };
}

export class Counter {
  readonly #parts: CounterParts;
  readonly #recent = new RecentCharges();
  #queue: Waiting[] = [];
  #running = false;

  constructor(parts: CounterParts) {
    this.#parts = parts;
  }

  enter(key: string, charge: string, decide: Waiting['decide'], opens = false): Promise<GatewayResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ key, charge, opens, decide, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#run());
    });
  }

  /** Calls that wait share a transaction, unless two of them are about one charge. */
  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const charges = new Set<string>();
      const batch = this.#queue.filter(({ charge }) => !charges.has(charge) && charges.add(charge));
      this.#queue = this.#queue.filter((waiting) => !batch.includes(waiting));
      await this.#settle(batch);
    }
    this.#running = false;
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#write(batch, attempt === 1);
      } catch (error) {
        for (const { charge } of batch) this.#recent.forget(charge);
        const code = (error as { code?: string }).code;
        if ((code === '40001' || code === '23505') && attempt < ATTEMPTS) continue;
        for (const { reject } of batch) reject(error);
        return;
      }
    }
  }

  async #write(batch: readonly Waiting[], first: boolean): Promise<void> {
    const { books, webhooks } = this.#parts;
    const guesses = batch.map((waiting) => (first ? this.#guess(waiting) : undefined));
    const look = await this.#look(batch.filter((_, i) => !guesses[i]));
    const decided = batch.map((waiting, i) => guesses[i] ?? look(waiting));
    const entries = decided.map(({ entry }) => entry).filter((entry) => entry.charge || entry.operation);
    if (entries.length > 0) await books.write(entries);
    for (const { charge } of entries) if (charge) this.#recent.remember(charge);
    for (const { entry } of decided) for (const webhook of entry.webhooks) webhooks.send(webhook);
    for (const [i, { resolve }] of batch.entries()) resolve(decided[i]!.result);
  }

  /** A decision without a look into the books, if it cannot be written where it is wrong: a new charge, or a move of one. */
  #guess({ charge, opens, decide }: Waiting): Decided | undefined {
    const known = this.#recent.find(charge);
    const decided = known || opens ? decide(known) : undefined;
    return decided?.entry.charge && decided;
  }

  async #look(batch: readonly Waiting[]): Promise<(waiting: Waiting) => Decided> {
    const { books } = this.#parts;
    const [charges, operations] = await Promise.all([
      batch.length > 0 ? books.charges(batch.map(({ charge }) => charge)) : [],
      batch.length > 0 ? books.operations(batch.map(({ key }) => key)) : [],
    ]);
    return ({ key, charge, decide }) => {
      const before = operations.find((operation) => operation.key === key);
      if (before) return { entry: { webhooks: [] }, result: before.outcome };
      return decide(charges.find((each) => each.key === charge || each.reference === charge));
    };
  }
}
