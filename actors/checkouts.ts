/** Checkouts as their buyers see them: from the flow's own state, so that an accepted one is seen at once. */

import type { Mail } from './mail.ts';
import type { CheckoutReader, CheckoutRow } from './ports/readers.ts';
import type { Region } from './region.ts';
import type { Supervisor } from './supervisor.ts';

export class Checkouts<State, Event> implements CheckoutReader {
  readonly #region: Region<State, Mail, Event>;
  readonly #supervisor: Supervisor<State, Event>;
  readonly #rowOf: (state: State) => CheckoutRow | undefined;

  constructor(
    region: Region<State, Mail, Event>,
    supervisor: Supervisor<State, Event>,
    rowOf: (state: State) => CheckoutRow | undefined,
  ) {
    this.#region = region;
    this.#supervisor = supervisor;
    this.#rowOf = rowOf;
  }

  /** Undefined: there is none. Throws when nobody can tell now. */
  byId(checkoutId: string): Promise<CheckoutRow | undefined> {
    return this.#region.see(checkoutId, this.#rowOf);
  }

  async *watch(checkoutId: string, after: number, signal: AbortSignal): AsyncIterable<CheckoutRow> {
    let latest: CheckoutRow | undefined;
    let wake: () => void = () => undefined;
    const see = (row: CheckoutRow | undefined) => {
      if (row && row.version > (latest?.version ?? after)) latest = row;
      wake();
    };
    const leave = this.#supervisor.watch(checkoutId, (state) => see(this.#rowOf(state)));
    signal.addEventListener('abort', () => wake(), { once: true });
    try {
      const first = await this.byId(checkoutId);
      if (!first) return;
      see(first);
      for (let seen = after; !signal.aborted; ) {
        if (latest && latest.version > seen) {
          seen = latest.version;
          yield latest;
          // Whoever watches may be slow: what came meanwhile is told before it is asked whether that was all.
          continue;
        }
        if (isOver(latest ?? first)) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      leave();
    }
  }
}

const isOver = ({ status }: CheckoutRow): boolean => status === 'completed' || status === 'aborted';
