/** What the stream has brought and nobody has applied yet, by position; bounded, so that the puller waits. */
import type { Delivery, StoredEvent } from './ports/events.ts';

/** Deliveries kept, those of the transaction that is on its way and those of the next; then the puller waits. */
const BOUND = 1_000;

export class Deliveries {
  readonly #byPosition = new Map<number, Delivery>();
  #waiting: (() => void)[] = [];

  get size(): number {
    return this.#byPosition.size;
  }

  has(position: number): boolean {
    return this.#byPosition.has(position);
  }

  /** A promise: there are too many, and it resolves when there is space again. */
  add(delivery: Delivery): Promise<void> | undefined {
    this.#byPosition.set(delivery.event.position, delivery);
    if (this.#byPosition.size < BOUND) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The events right after `position`, without gaps, at most `most`. */
  after(position: number, most: number): readonly StoredEvent[] {
    const run: StoredEvent[] = [];
    for (let next = position + 1; run.length < most; next += 1) {
      const delivery = this.#byPosition.get(next);
      if (!delivery) break;
      run.push(delivery.event);
    }
    return run;
  }

  /** All up to `position` are applied; acknowledging the last one acknowledges those before it. */
  applied(position: number): void {
    this.#dropTo(position)?.ack();
    this.makeSpace();
  }

  /** Somebody else has applied all up to `position`. */
  passed(position: number): void {
    this.#dropTo(position);
  }

  makeSpace(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  /** The last one of those that are dropped. */
  #dropTo(position: number): Delivery | undefined {
    let last: Delivery | undefined;
    for (const [at, delivery] of this.#byPosition) {
      if (at > position) continue;
      if (!last || at > last.event.position) last = delivery;
      this.#byPosition.delete(at);
    }
    return last;
  }
}
