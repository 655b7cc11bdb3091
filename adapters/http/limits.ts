/** How often one user, and one address, may call routes of a class; and how a caller is told. */
import type { Count, Counter, CounterOf } from '../../actors/ports/counters.ts';
import { problem, type Refused } from './problems.ts';

export interface Rate {
  readonly most: number;
  /** Length of the window. */
  readonly seconds: number;
}
/** Whom a limit is about. */
export type By = 'user' | 'address';
interface Policy {
  readonly user?: Rate;
  readonly address: Rate;
  /** Counted by each node for itself: for requests that are many and cheap. */
  readonly local?: boolean;
  /** Answered also when everything else is shed: without it nobody could see what is going on. */
  readonly unshed?: boolean;
}

const aMinute = (most: number): Rate => ({ most, seconds: 60 });

/** Every route names one of these classes. The rates are defaults; `RATE_LIMITS` overrides them. */
export const CLASSES = {
  /** Logins, registrations, refreshes, mails: what guesses passwords and fills mailboxes. */
  auth: { user: aMinute(120), address: aMinute(600) },
  read: { user: aMinute(6_000), address: aMinute(30_000), local: true },
  write: { user: aMinute(1_200), address: aMinute(12_000) },
  purchase: { user: aMinute(600), address: aMinute(12_000) },
  'flash-purchase': { user: aMinute(10), address: aMinute(12_000) },
  /** Providers' messages: many, from few addresses, and lost sales if they are refused. */
  webhook: { address: aMinute(60_000), local: true },
  ops: { user: aMinute(1_200), address: aMinute(3_000), unshed: true },
  probe: { address: aMinute(6_000), local: true, unshed: true },
} as const satisfies Record<string, Policy>;
export type RouteClass = keyof typeof CLASSES;
export const isUnshed = (limit: RouteClass): boolean => (CLASSES[limit] as Policy).unshed === true;

/** `purchase.user` -> its rate: what replaces the defaults. */
export type Overrides = Readonly<Record<string, Rate>>;
/** Every limit there is, such as `purchase.user`. */
export const LIMIT_NAMES: readonly string[] = Object.entries(CLASSES).flatMap(([name, policy]) =>
  (['user', 'address'] as const).filter((by) => by in policy).map((by) => `${name}.${by}`),
);

interface Limit extends Rate {
  readonly name: string;
  readonly counter: Counter;
}
/** One request counted by one limit. */
export interface Spent {
  readonly limit: Rate & { readonly name: string };
  readonly count: Count;
}
export interface Limits {
  /** Counts a request; undefined: there is no such limit. `key` names the user or the address. */
  spend(route: RouteClass, by: By, key: string): Promise<Spent> | undefined;
}

export const limitsOf = (counterOf: CounterOf, overrides: Overrides = {}): Limits => {
  const limits = new Map<string, Limit>();
  for (const [name, policy] of Object.entries<Policy>(CLASSES))
    for (const by of ['user', 'address'] as const) {
      const rate = overrides[`${name}.${by}`] ?? policy[by];
      const limit = `${name}-${by}`;
      if (rate) {
        const counter = counterOf({ name: limit, ...rate, shared: !policy.local });
        limits.set(limit, { name: limit, ...rate, counter });
      }
    }
  return {
    spend: (route, by, key) => {
      const limit = limits.get(`${route}-${by}`);
      return limit?.counter.count(key).then((count) => ({ limit, count }));
    },
  };
};

/** The headers of the IETF draft, for every limit that the request was counted by. */
export const rateHeaders = (spent: readonly Spent[]): Record<string, string> => ({
  'ratelimit-policy': spent.map(({ limit }) => `"${limit.name}";q=${limit.most};w=${limit.seconds}`).join(', '),
  ratelimit: spent.map(({ limit, count }) => `"${limit.name}";r=${count.left};t=${count.resetIn}`).join(', '),
});

/** The refusal that a count means, if it means one. */
export const overLimit = ({ limit, count }: Spent): Refused | undefined =>
  count.allowed
    ? undefined
    : problem('rate_limited', `At most ${limit.most} requests in ${limit.seconds} s.`, {
        retryAfter: count.resetIn,
        extra: { limit: limit.name },
      });
