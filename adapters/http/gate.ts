/** Requests in flight, bounded: who would only make the others wait is told at once to come again. */
import { problem, type Refused } from './problems.ts';

export interface GateOptions {
  /** Requests in flight, and streams that are open. */
  readonly most: number;
  /** Of one address, so that slow clients of one place cannot use up all. */
  readonly mostPerAddress: number;
}
export interface Gate {
  readonly inFlight: number;
  /** Takes a place, to be given back by `leave`; or the refusal. */
  enter(address: string): Refused | undefined;
  leave(address: string): void;
}

const FULL = problem('unavailable', 'Too much is asked at once.', { retryAfter: 1, extra: { reason: 'overloaded' } });
const YOURS = problem('rate_limited', 'Too many requests of this address are in flight.', {
  retryAfter: 1,
  extra: { limit: 'in-flight' },
});

export const gateOf = ({ most, mostPerAddress }: GateOptions): Gate => {
  const byAddress = new Map<string, number>();
  let inFlight = 0;
  return {
    get inFlight() {
      return inFlight;
    },
    enter: (address) => {
      const own = byAddress.get(address) ?? 0;
      if (inFlight >= most) return FULL;
      if (own >= mostPerAddress) return YOURS;
      inFlight += 1;
      byAddress.set(address, own + 1);
      return undefined;
    },
    leave: (address) => {
      inFlight -= 1;
      const own = byAddress.get(address)! - 1;
      if (own > 0) byAddress.set(address, own);
      else byAddress.delete(address);
    },
  };
};
