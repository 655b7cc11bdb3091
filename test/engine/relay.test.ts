/** A relay whose broker comes back, with less than it had, while something is on its way. */
import { expect, test } from '@jest/globals';
import type { EventLog, EventStream, StoredEvent } from '../../actors/ports/events.ts';
import { Registry } from '../../actors/registry.ts';
import { Relay } from '../../actors/relay.ts';
import { until } from '../kit/until.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const eventAt = (position: number): StoredEvent => ({
  context: 'toys',
  position,
  type: 'toys.made.v1',
  aggregate: 'toy/1',
  sequence: position,
  body: '{}',
  metadata: { at: '2026-01-01T00:00:00.000Z', correlationId: 'c', causationId: 'c' },
});

/** A broker in memory that can lose everything, and a log whose next answer can be held back. */
const world = () => {
  let head = 0;
  let kept: number[] = [];
  let connected: () => void = () => undefined;
  let gate: Promise<void> | undefined;
  const log: EventLog = {
    heads: async () => ({ toys: { position: head, incarnation: 1 } }),
    read: async (_, after, limit) => {
      const found = upTo(head).slice(Math.max(after, 0)).slice(0, limit).map(eventAt);
      await gate;
      return found;
    },
    mark: async () => undefined,
  };
  const stream: EventStream = {
    publish: async (_, events) => void kept.push(...events.map(({ position }) => position)),
    lastPosition: async () => kept.at(-1) ?? 0,
    onConnected: (callback) => {
      connected = callback;
      return () => undefined;
    },
    pull: async () => ({ stop: async () => undefined }),
  };
  const relay = new Relay({ context: 'toys', log, stream, registry: new Registry() });
  const happen = (n: number) => {
    head += n;
    relay.headIs(head, 1);
  };
  const holdTheLog = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return resolve;
  };
  const comeBackEmpty = () => {
    kept = [];
    connected();
  };
  return { relay, happen, holdTheLog, comeBackEmpty, kept: () => kept };
};

test('what was read for a broker that has lost its store since is read again from the beginning', async () => {
  const { relay, happen, holdTheLog, comeBackEmpty, kept } = world();
  relay.start();
  happen(3);
  await until(() => kept().length === 3);
  const goOn = holdTheLog();
  happen(2);
  comeBackEmpty();
  goOn();
  await until(() => relay.lag === 0 && kept().includes(5));
  expect(kept()).toEqual(upTo(5));
  await relay.stop();
});
