/** Before anything is done for a request: is there a place in flight, and has its address, and its user, requests left? */
import { limitKey } from './address.ts';
import type { Gate } from './gate.ts';
import { type By, isUnshed, type Limits, overLimit, type Spent } from './limits.ts';
import { isRefused, type Refused } from './problems.ts';
import type { Reply, Route } from './routes.ts';

export interface Admission {
  readonly requests: Gate;
  readonly streams: Gate;
  /** Undefined: no limits. */
  readonly limits?: Limits;
  /** Told of whoever is sent away, for metrics. `name`: the limit, or the class of the route. */
  readonly count?: (what: 'limited' | 'shed', name: string) => void;
}
/** What is known of a request here. */
export interface Arrived {
  readonly address: string;
  readonly spent: Spent[];
}

const sentAway = (refused: Refused, name: string, { count }: Admission): Refused => {
  count?.(refused.problem.status === 429 ? 'limited' : 'shed', name);
  return refused;
};

/** Counts the request; the refusal when there were too many of `key` already. */
export const spend = async (
  { limit }: Route,
  by: By,
  key: string,
  { spent }: Arrived,
  admission: Admission,
): Promise<Refused | undefined> => {
  const counted = await admission.limits?.spend(limit, by, key);
  if (!counted) return undefined;
  spent.push(counted);
  const refused = overLimit(counted);
  return refused && sentAway(refused, counted.limit.name, admission);
};

/** `work` in its place; what the route answers when there is none is decided without any I/O but the shared count. */
export const admitted = async (
  route: Route,
  arrived: Arrived,
  admission: Admission,
  work: () => Promise<Reply>,
): Promise<Reply> => {
  const place = limitKey(arrived.address);
  const unshed = isUnshed(route.limit);
  const full = unshed ? undefined : admission.requests.enter(place);
  if (full) return sentAway(full, full.problem.status === 429 ? 'in-flight' : route.limit, admission);
  try {
    return (await spend(route, 'address', place, arrived, admission)) ?? (await work());
  } finally {
    if (!unshed) admission.requests.leave(place);
  }
};

/** A stream keeps a place of its own until `closed` calls back. */
export const streamed = (
  reply: Reply,
  { address }: Arrived,
  admission: Admission,
  closed: (leave: () => void) => void,
): Reply => {
  if (isRefused(reply) || !('stream' in reply)) return reply;
  const place = limitKey(address);
  const full = admission.streams.enter(place);
  if (full) return sentAway(full, 'stream', admission);
  closed(() => admission.streams.leave(place));
  return reply;
};
