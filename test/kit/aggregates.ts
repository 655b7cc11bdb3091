/** What models of flows have in common: aggregates by their real rules, in memory, and things on their way to them. */
import { expect } from '@jest/globals';
import type { Decider } from '../../domains/kernel/decider.ts';
import { replay } from './given.ts';

export interface Named {
  readonly type: string;
}
type Rules = Decider<unknown, Named, Named, Named>;
type Told = { readonly events: readonly Named[]; readonly rejection?: undefined } | { readonly rejection: Named };

/** `rules`: the decider of each aggregate type, by key. */
export const createAggregates = (rules: Readonly<Record<string, (key: string) => unknown>>, now: () => string) => {
  const known = new Map<string, { readonly rules: Rules; state: unknown }>();
  const instance = (to: string, key: string) => {
    const id = `${to}/${key}`;
    const own = rules[to]!(key) as Rules;
    const found = known.get(id) ?? { rules: own, state: own.initial() };
    known.set(id, found);
    return found;
  };
  return {
    stateOf: (to: string, key: string): unknown => instance(to, key).state,
    /** What came of the command: its events happened, or it was refused. */
    tell: (to: string, key: string, command: Named): Told => {
      const target = instance(to, key);
      const { events, rejection } = target.rules.decide(command, target.state, now());
      if (rejection) return { rejection };
      target.state = replay(target.rules, events, target.state);
      return { events };
    },
  };
};

/** Expects that who says something again under the same id says the very same. */
export const createSayings = () => {
  const said = new Map<string, string>();
  return (id: string, body: unknown): void => {
    const text = JSON.stringify(body);
    expect(said.get(id) ?? text).toBe(text);
    said.set(id, text);
  };
};

/** The one that is on its way at `n`, wherever that is; `keep`: it comes once more. */
export const take = <T>(queue: T[], n: number, keep = false): T | undefined => {
  if (queue.length === 0) return undefined;
  const i = n % queue.length;
  return keep ? queue[i] : queue.splice(i, 1)[0];
};
