/** Looks after what may have been lost: notices that a provider did not get delivered, and attempts that hear nothing. */
import type { Gateway, GatewayNotice } from './ports/gateway.ts';
import type { GatewayMarks } from './ports/inbox.ts';

export interface SweeperParts {
  readonly gateways: readonly Pick<Gateway, 'name' | 'missed'>[];
  readonly marks: GatewayMarks;
  /** Resolves once the notice is stored: true when it is new. */
  readonly receive: (gateway: string, notice: GatewayNotice) => Promise<boolean>;
  readonly now?: () => number;
}

const DAY = 86_400_000;
/** A provider tries for hours before a notice counts as undelivered: the last days are looked at each time. */
const OVERLAP = 3 * DAY;
/** Nobody keeps them for longer. */
const KEPT = 29 * DAY;
/** Milliseconds between two questions about an attempt that waits for the buyer: at first, and at most. */
const FIRST_WAIT = 15_000;
const LAST_WAIT = 600_000;

interface Asked {
  readonly at: number;
  readonly wait: number;
}

export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #now: () => number;
  #asked = new Map<string, Asked>();

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
  }

  /** Those whose time has come to be asked about again; what is not open any more is forgotten. */
  due<A extends { readonly attemptId: string }>(open: readonly A[]): readonly A[] {
    const now = this.#now();
    const before = this.#asked;
    this.#asked = new Map();
    return open.filter(({ attemptId }) => {
      const last = before.get(attemptId);
      const isDue = !last || now - last.at >= last.wait;
      const wait = last ? Math.min(last.wait * 2, LAST_WAIT) : FIRST_WAIT;
      this.#asked.set(attemptId, isDue ? { at: now, wait } : last);
      return isDue;
    });
  }

  /** Stores what is new of all providers; how many that were. One provider that is away does not keep the others back. */
  async missed(): Promise<number> {
    const found = await Promise.allSettled(this.#parts.gateways.map((gateway) => this.#missedBy(gateway)));
    const failed = found.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    return found.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0);
  }

  async #missedBy(gateway: Pick<Gateway, 'name' | 'missed'>): Promise<number> {
    const { name } = gateway;
    const { marks, receive } = this.#parts;
    const { now, sweptUntil } = await marks.last(name);
    const since = Math.max(Date.parse(now) - KEPT, Date.parse(sweptUntil ?? now) - OVERLAP);
    let fresh = 0;
    for await (const notice of gateway.missed!(new Date(since).toISOString()))
      if (await receive(name, notice)) fresh += 1;
    await marks.move(name, now);
    return fresh;
  }
}
