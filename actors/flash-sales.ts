/** Flash sales as everybody sees them: from the actor's own state, in memory, and as it changes. */
import { setTimeout } from 'node:timers/promises';
import type { Id, Instant } from '../contracts/common.ts';
import type { FlashSaleCommand, FlashSaleEvent } from '../contracts/flashsales.ts';
import { reservationIdOf } from '../domains/checkout/purchase.commands.ts';
import { glance, mayRepeat, sureRefusal } from '../domains/flashsales/flash-sale.ts';
import { closesAt, type FlashSaleState } from '../domains/flashsales/sale-state.ts';
import type { Clock } from './ports/clock.ts';
import type { Meta, Rejection } from './ports/commander.ts';
import type { Claiming, FlashSaleDesk, FlashSaleRow } from './ports/flash-sales.ts';
import type { Region } from './region.ts';
import type { Watchers } from './watchers.ts';

/** Refusals that were told without a record, so that a repeat is told the same while this node lives. */
const REFUSALS_KEPT = 100_000;
/** Between two looks that one watcher gets, in milliseconds. */
const PACE = 200;
const OVER: ReadonlySet<string> = new Set(['ended', 'cancelled', 'refused']);
/** Phases that time alone brings, without a new version. */
const TURNED: ReadonlySet<string> = new Set(['live', 'over']);

export class FlashSales implements FlashSaleDesk {
  readonly #region: Region<FlashSaleState, FlashSaleCommand, FlashSaleEvent>;
  readonly #watchers: Watchers<FlashSaleState>;
  readonly #clock: Clock;
  readonly #refused = new Map<string, { readonly rejection: Rejection; readonly fingerprint?: string }>();

  constructor(
    region: Region<FlashSaleState, FlashSaleCommand, FlashSaleEvent>,
    watchers: Watchers<FlashSaleState>,
    clock: Clock,
  ) {
    this.#region = region;
    this.#watchers = watchers;
    this.#clock = clock;
  }

  byId(saleId: Id): Promise<FlashSaleRow | undefined> {
    return this.#region.see(saleId, (state, version) => this.#rowOf(saleId, state, version));
  }

  async look(saleId: Id, wish: Claiming): ReturnType<FlashSaleDesk['look']> {
    const told = this.#refused.get(wish.checkoutId);
    if (told) return { rejection: told.rejection, known: false, reused: told.fingerprint !== wish.fingerprint };
    const now = this.#clock.now();
    const seen = await this.#region.see(saleId, (state, version) => {
      const sku = state.stage === 'unknown' ? '' : state.sku;
      const asked = { ...wish, claimId: reservationIdOf(wish.checkoutId, sku) };
      return {
        sale: this.#rowOf(saleId, state, version),
        known: mayRepeat(state, asked),
        rejection: sureRefusal(saleId, state, asked, now) as Rejection | undefined,
      };
    });
    if (seen.rejection) this.#keep(wish, seen.rejection);
    return seen;
  }

  /** Under the very id of the checkout's own step: the step then finds its claim made. */
  async claim(
    { saleId, sku }: FlashSaleRow,
    { checkoutId, buyerId, quantity, expiresAt, known }: Parameters<FlashSaleDesk['claim']>[1],
    { principal, traceparent, timeout }: Meta,
  ): ReturnType<FlashSaleDesk['claim']> {
    const claimId = reservationIdOf(checkoutId, sku);
    const id = `${checkoutId}/reserve/${sku}`;
    const command: FlashSaleCommand = { type: 'ClaimAllocation', claimId, buyerId, quantity, expiresAt };
    const meta = { id, correlationId: checkoutId, principal, traceparent, timeout, resumed: known };
    const answer = await this.#region.ask(saleId, command, meta);
    if (answer.kind !== 'accepted') return { answer };
    return { answer, heldUntil: (answer.reply as { expiresAt?: Instant }).expiresAt };
  }

  /**
   * The present state, then what it changes to, never faster than five times a second; ends with the sale. Who comes back
   * with the version of a phase that time brought is told it: it may have turned in between.
   */
  async *watch(saleId: Id, after: number, signal: AbortSignal): AsyncIterable<FlashSaleRow> {
    const bell = new Bell(signal);
    const leave = this.#watchers.watch(saleId, () => bell.ring());
    try {
      for (let seen = { version: after, phase: '' }; !signal.aborted; ) {
        bell.mute();
        const row = await this.byId(saleId);
        if (!row) return;
        const hasTurned = seen.phase === '' ? row.version === after && TURNED.has(row.phase) : row.phase !== seen.phase;
        if (row.version > seen.version || hasTurned) yield row;
        seen = { version: Math.max(seen.version, row.version), phase: row.phase };
        if (OVER.has(row.phase)) return;
        await bell.rung(untilTurn(row, this.#clock.now()));
        await pause(PACE, signal);
      }
    } finally {
      leave();
    }
  }

  #rowOf(saleId: Id, state: FlashSaleState, version: number): FlashSaleRow | undefined {
    const seen = glance(saleId, state, this.#clock.now());
    if (!seen) return undefined;
    const { sale, ...figures } = seen;
    const { claims: _, stage: __, ...terms } = sale;
    return { saleId, ...terms, ...figures, endsAt: closesAt(sale), version };
  }

  #keep({ checkoutId, fingerprint }: Claiming, rejection: Rejection): void {
    // What the clock mends is not kept: who came too early may come again with the same key.
    if (rejection.type !== 'SoldOut') return;
    this.#refused.set(checkoutId, { rejection, fingerprint });
    if (this.#refused.size > REFUSALS_KEPT) this.#refused.delete(this.#refused.keys().next().value!);
  }
}

/** Milliseconds until the clock alone changes what is to be seen; never more than a quarter of a minute. */
const untilTurn = ({ phase, startsAt, endsAt }: FlashSaleRow, now: string): number => {
  const turn = phase === 'scheduled' ? startsAt : endsAt;
  const left = Date.parse(turn) - Date.parse(now);
  return Math.min(left > 0 ? left : 1_000, 15_000);
};

/** Ends early, without an error, when `signal` aborts. */
const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);

/** Remembers a ring that nobody waited for. */
class Bell {
  #rang = false;
  #waiting?: AbortController;

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.ring(), { once: true });
  }

  mute(): void {
    this.#rang = false;
  }

  ring(): void {
    this.#rang = true;
    this.#waiting?.abort();
  }

  async rung(within: number): Promise<void> {
    if (this.#rang) return;
    this.#waiting = new AbortController();
    await pause(within, this.#waiting.signal);
    this.#waiting = undefined;
  }
}
