/** Tests as sentences: `given(decider, ...events).at(now).when(command).thenEvents(...)`. */
import { expect } from '@jest/globals';
import type { Decider, Decision } from '../../domains/kernel/decider.ts';
import type { Saga } from '../../domains/kernel/saga.ts';

interface Named {
  readonly type: string;
}
/** A message of which only the named parts are compared. */
export type Sketch<M> = M extends Named ? Pick<M, 'type'> & Partial<M> : never;

/** What the aggregate is after these events. */
export const replay = <S, C, E, R>(decider: Decider<S, C, E, R>, events: readonly E[], from = decider.initial()): S =>
  events.reduce((state, event) => decider.evolve(state, event), from);

const outcomeOf = <E extends Named, R extends Named>(decision: Decision<E, R>) => ({
  decision,
  /** Exactly these events in this order; of each, only the given parts are compared. */
  thenEvents: (...expected: readonly Sketch<E>[]) => {
    expect(decision.rejection).toBeUndefined();
    expect(decision.events).toHaveLength(expected.length);
    expect(decision.events).toMatchObject(expected);
  },
  thenRejects: (expected: Sketch<R>) => expect(decision.rejection).toMatchObject(expected),
  /** It is already so: accepted, and nothing happens. */
  thenNothing: () => expect(decision).toEqual({ events: [] }),
});

export const given = <S, C, E extends Named, R extends Named>(
  decider: Decider<S, C, E, R>,
  ...events: readonly E[]
) => ({
  at: (now: string) => ({
    when: (command: C) => outcomeOf(decider.decide(command, replay(decider, events), now)),
  }),
});

type Stepped<E, R> = { readonly events?: readonly E[]; readonly rejection?: R };

const sentence = <S extends { readonly stage: string }, I, C, E extends Named, R extends Named>(
  saga: Saga<S, I, C, E, R>,
  before: S,
  now: string,
  last: Stepped<E, R>,
  state: S,
) => {
  const known = new Set(saga.outgoing(before).map(({ step }) => step));
  const sent = saga.outgoing(state).filter(({ step }) => !known.has(step));
  const self = {
    state,
    at: (later: string) => sentence(saga, before, later, last, state),
    when: (input: I) => {
      const stepped = saga.step(state, input, now);
      return sentence(saga, state, now, stepped, stepped.state);
    },
    /** The commands that this input made leave: their steps, in order. */
    thenSends: (...steps: readonly string[]) => {
      expect(sent.map(({ step }) => step)).toEqual(steps);
      return self;
    },
    /** One of the commands that left, in full or in part. */
    thenCommand: (step: string, command: Partial<C> & Named) => {
      expect(sent.find((outgoing) => outgoing.step === step)?.command).toMatchObject(command);
      return self;
    },
    thenAnnounces: (...events: readonly Sketch<E>[]) => {
      expect(last.events ?? []).toMatchObject(events);
      return self;
    },
    thenStage: (stage: S['stage']) => {
      expect(state.stage).toBe(stage);
      return self;
    },
    thenRejects: (rejection: Sketch<R>) => {
      expect(last.rejection).toMatchObject(rejection);
      return self;
    },
    /** The input meant nothing: the very same state. */
    thenNothing: () => {
      expect(state).toBe(before);
      expect(last.events ?? []).toEqual([]);
      return self;
    },
  };
  return self;
};

/** `givenSaga(saga, now, ...inputs).at(later).when(input).thenSends(...)`; `when` may be repeated. */
export const givenSaga = <S extends { readonly stage: string }, I, C, E extends Named, R extends Named>(
  saga: Saga<S, I, C, E, R>,
  now: string,
  ...inputs: readonly I[]
) => {
  const start = sentence(saga, saga.initial(), now, {}, saga.initial());
  return inputs.reduce((sofar, input) => sofar.when(input), start);
};
