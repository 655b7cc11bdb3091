/**
 * A circuit breaker: whoever does not answer is left alone for a while, so that callers learn at once and the other side
 * can recover. Pure; moments are milliseconds of any clock that never goes back.
 *
 *   closed --(many of the last calls failed)--> open --(rest is over)--> probing --(one call went well)--> closed
 *                                                ^------(it failed: twice the rest)------/
 */
export type Breaker =
  | { readonly status: 'closed'; readonly since: number; readonly calls: number; readonly failures: number }
  | { readonly status: 'open'; readonly until: number; readonly rest: number }
  | { readonly status: 'probing'; readonly since: number; readonly rest: number };

/** Milliseconds, but for the two counts. */
export interface BreakerPlan {
  /** Calls are counted for so long, then anew. */
  readonly window: number;
  /** It opens at so many failures, if they are half of all calls or more. */
  readonly failures: number;
  readonly firstRest: number;
  readonly lastRest: number;
  /** A probe that has no end after so long is taken for lost. */
  readonly patience: number;
}
export const PLAN: BreakerPlan = {
  window: 30_000,
  failures: 10,
  firstRest: 5_000,
  lastRest: 60_000,
  patience: 60_000,
};

export const closed = (now: number): Breaker => ({ status: 'closed', since: now, calls: 0, failures: 0 });

/** May a call be made now? The state after saying so; undefined: no. */
export const admit = (breaker: Breaker, now: number, plan = PLAN): Breaker | undefined => {
  switch (breaker.status) {
    case 'closed':
      return now - breaker.since > plan.window ? closed(now) : breaker;
    case 'open':
      return now < breaker.until ? undefined : { status: 'probing', since: now, rest: breaker.rest };
    case 'probing':
      return now - breaker.since < plan.patience ? undefined : { ...breaker, since: now };
  }
};

const open = (rest: number, now: number): Breaker => ({ status: 'open', until: now + rest, rest });

/** What a call came to. Calls that began before it opened say nothing new, but that the other side is there. */
export const ended = (breaker: Breaker, went: 'well' | 'wrong', now: number, plan = PLAN): Breaker => {
  if (went === 'well') return breaker.status === 'closed' ? { ...breaker, calls: breaker.calls + 1 } : closed(now);
  switch (breaker.status) {
    case 'closed': {
      const [calls, failures] = [breaker.calls + 1, breaker.failures + 1];
      if (failures >= plan.failures && failures * 2 >= calls) return open(plan.firstRest, now);
      return { ...breaker, calls, failures };
    }
    case 'open':
      return breaker;
    case 'probing':
      return open(Math.min(breaker.rest * 2, plan.lastRest), now);
  }
};

/** Would a purchase that begins now find it there? Asking does not use up the probe. */
export const isThere = (breaker: Breaker, now: number): boolean => breaker.status !== 'open' || now >= breaker.until;

/** Milliseconds until it is worth another try. */
export const restOf = (breaker: Breaker, now: number): number =>
  breaker.status === 'open' ? Math.max(0, breaker.until - now) : 0;
