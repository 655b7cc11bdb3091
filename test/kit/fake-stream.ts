/** A broker by hand: it brings what the test says, when it says so. */
import type { Delivery, EventStream, StoredEvent } from '../../actors/ports/events.ts';

type Receive = (delivery: Delivery) => void;

export const fakeStream = () => {
  const receivers: Receive[] = [];
  const published: StoredEvent[] = [];
  const listeners = new Set<() => void>();
  const stream: EventStream = {
    publish: async (_, events) => void published.push(...(events as StoredEvent[])),
    lastPosition: async () => published.at(-1)?.position ?? 0,
    onConnected: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    pull: async (_, receive) => {
      receivers.push(receive);
      return { stop: async () => void receivers.splice(receivers.indexOf(receive), 1) };
    },
  };
  /** Gives each event to one of the pullers, or to all. */
  const deliver = (events: readonly StoredEvent[], to: 'all' | number = 'all', incarnation = 1): void => {
    for (const event of events)
      for (const receive of to === 'all' ? receivers : receivers.slice(to, to + 1)) receive({ event, incarnation });
  };
  const reconnect = (): void => {
    for (const listener of listeners) listener();
  };
  return { stream, published, deliver, reconnect };
};
export type FakeStream = ReturnType<typeof fakeStream>;
