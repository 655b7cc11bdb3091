/** The installed providers, each behind its circuit breaker, and which of them a purchase goes to. */

import type { GatewayResult } from '../contracts/payments.ts';
import { admit, type Breaker, closed, ended, isThere, restOf } from '../domains/payments/breaker.ts';
import { candidates, type GatewayRoute, type GatewayWish, type Routed, routed } from '../domains/payments/routing.ts';
import { type Gateway, GatewayTrouble, type ReferredCall } from './ports/gateway.ts';
import type { NodeReport, Registry, Reporter } from './registry.ts';

type Through = <T>(call: () => Promise<T>) => Promise<T>;
type Desk = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** Every function of a desk through the breaker. */
const each = <D extends object>(desk: D | undefined, through: Through): D | undefined =>
  desk &&
  (Object.fromEntries(
    Object.entries(desk as Desk).map(([name, call]) => [name, (...args: never[]) => through(() => call(...args))]),
  ) as D);

const guarded = (gateway: Gateway, through: Through): Omit<Gateway, 'authorise' | 'capture'> => ({
  name: gateway.name,
  can: gateway.can,
  cancel: (call) => through(() => gateway.cancel(call)),
  refund: (call) => through(() => gateway.refund(call)),
  find: (question) => through(() => gateway.find(question)),
  proves: gateway.proves && ((proof) => gateway.proves!(proof)),
  methods: each(gateway.methods, through),
  transfers: each(gateway.transfers, through),
  // What is listed page by page is asked for by jobs, which come again by themselves.
  disputes: gateway.disputes,
  movements: gateway.movements && ((period) => gateway.movements!(period)),
  missed: gateway.missed && ((since) => gateway.missed!(since)),
});

class Guard implements Reporter {
  readonly path: string;
  readonly gateway: Gateway;
  readonly #now: () => number;
  #breaker: Breaker;
  #stats = { calls: 0, failures: 0, shed: 0, opened: 0, authorised: 0, declined: 0, captures: 0, captureDelay: 0 };
  #lastError?: string;

  constructor(gateway: Gateway, registry: Registry, now: () => number) {
    this.path = `gateways/${gateway.name}`;
    this.#now = now;
    this.#breaker = closed(now());
    const through: Through = (call) => this.#through(call);
    this.gateway = {
      ...guarded(gateway, through),
      authorise: async (call) => this.#counted(await through(() => gateway.authorise(call))),
      capture: async (call) => this.#timed(call, await through(() => gateway.capture(call))),
    };
    registry.add(this);
  }

  isThere(): boolean {
    return isThere(this.#breaker, this.#now());
  }

  /** Milliseconds. */
  rest(): number {
    return restOf(this.#breaker, this.#now());
  }

  report(): NodeReport {
    const { status } = this.#breaker;
    const detail = { ...this.#stats, open: status === 'closed' ? 0 : 1, rest: this.rest() };
    return {
      path: this.path,
      kind: 'gateway',
      state: status,
      processed: this.#stats.calls,
      lastError: this.#lastError,
      detail,
    };
  }

  #counted(result: GatewayResult): GatewayResult {
    if (result.outcome === 'succeeded') this.#stats.authorised += 1;
    if (result.outcome === 'failed') this.#stats.declined += 1;
    return result;
  }

  /** The attempt's own moment is when it was decided; a capture that was tried before waits since then. */
  #timed({ startedAt }: ReferredCall, result: GatewayResult): GatewayResult {
    if (result.outcome !== 'succeeded' || startedAt === undefined) return result;
    this.#stats.captures += 1;
    this.#stats.captureDelay += Math.max(0, Date.now() - Date.parse(startedAt));
    return result;
  }

  async #through<T>(call: () => Promise<T>): Promise<T> {
    const admitted = admit(this.#breaker, this.#now());
    if (!admitted) {
      this.#stats.shed += 1;
      const retryAfter = this.rest();
      throw new GatewayTrouble(`${this.gateway.name} is left alone`, { effect: 'nothing', why: 'away', retryAfter });
    }
    this.#breaker = admitted;
    this.#stats.calls += 1;
    try {
      const result = await call();
      this.#ended('well');
      return result;
    } catch (error) {
      // Only a provider that is not there counts: one that is busy or refuses us is alive.
      const away = error instanceof GatewayTrouble && error.why === 'away';
      this.#lastError = error instanceof Error ? error.message : String(error);
      if (away) this.#stats.failures += 1;
      this.#ended(away ? 'wrong' : 'well');
      throw error;
    }
  }

  #ended(went: 'well' | 'wrong'): void {
    const before = this.#breaker.status;
    this.#breaker = ended(this.#breaker, went, this.#now());
    if (this.#breaker.status === 'open' && before !== 'open') this.#stats.opened += 1;
  }
}

export class Gateways {
  readonly #guards = new Map<string, Guard>();
  readonly #routes: readonly GatewayRoute[];
  readonly #usual: string;

  /** `usual` takes what names nobody: payments from before there were several. */
  constructor(
    gateways: readonly Gateway[],
    { routes, usual, registry, now = () => performance.now() }: GatewaysOptions,
  ) {
    this.#routes = routes;
    this.#usual = usual;
    for (const gateway of gateways) this.#guards.set(gateway.name, new Guard(gateway, registry, now));
  }

  get names(): readonly string[] {
    return [...this.#guards.keys()];
  }

  /** Throws `GatewayTrouble` when a payment's provider is not installed any more: its calls wait until it is again. */
  of(name: string | undefined): Gateway {
    const guard = this.#guards.get(name ?? this.#usual);
    if (guard) return guard.gateway;
    throw new GatewayTrouble(`the gateway ${name} is not configured`, { effect: 'nothing', why: 'refused' });
  }

  /** Who could take it, the preferred one first. */
  candidates(wish: GatewayWish): readonly { readonly gateway: Gateway; readonly isThere: boolean }[] {
    return candidates(this.#routes, wish).flatMap((name) => {
      const guard = this.#guards.get(name);
      return guard ? [{ gateway: guard.gateway, isThere: guard.isThere() }] : [];
    });
  }

  choose(wish: GatewayWish): Routed & { readonly retryAfter: number } {
    const found = routed(this.#routes, wish, new Set(this.#guards.keys()), (name) => this.#guards.get(name)!.isThere());
    const rests = 'refused' in found ? found.gateways.map((name) => this.#guards.get(name)?.rest() ?? 0) : [0];
    return { ...found, retryAfter: Math.max(1, Math.ceil(Math.min(...rests, 60_000) / 1000)) };
  }
}

export interface GatewaysOptions {
  readonly routes: readonly GatewayRoute[];
  readonly usual: string;
  readonly registry: Registry;
  readonly now?: () => number;
}
