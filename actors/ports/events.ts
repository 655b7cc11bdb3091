/** The log of events (the truth, in the database) and the stream of events (the fast road, at the broker). */
import type { EventMetadata, OutboxEvent } from './journal.ts';

/** An event as read from the log or received from the stream. */
export interface StoredEvent {
  readonly context: string;
  readonly position: number;
  readonly type: string;
  readonly aggregate: string;
  readonly sequence: number;
  readonly body: string;
  readonly metadata: EventMetadata;
}

export interface LogHead {
  readonly position: number;
  /** Raised when the database was restored to an older point: positions of another incarnation mean nothing here. */
  readonly incarnation: number;
}

export interface EventLog {
  heads(): Promise<Readonly<Record<string, LogHead>>>;
  /** Events above `after`, in order, at most `limit`. */
  read(context: string, after: number, limit: number): Promise<readonly StoredEvent[]>;
  /** How far the relay has published. */
  mark(context: string, position: number): Promise<void>;
}

export interface Delivery {
  readonly event: StoredEvent;
  readonly incarnation: number;
}

export interface EventStream {
  /** Publishes in order; resolves when the broker has stored all of them. */
  publish(context: string, events: readonly (OutboxEvent | StoredEvent)[], incarnation: number): Promise<void>;
  /** Position of the last event in the stream; 0 when it is empty, or ends with another incarnation of the log. */
  lastPosition(context: string, incarnation: number): Promise<number>;
  /** Calls back after every (re)connection. */
  onConnected(callback: () => void): () => void;
  /**
   * Brings what is published from now on, and what was in the last seconds. Nothing is acknowledged: what gets lost on the
   * way is missed by its position.
   */
  pull(context: string, receive: (delivery: Delivery) => void): Promise<{ stop(): Promise<void> }>;
}

/** How far a consumer has come in one context's log. */
export interface Checkpoint {
  readonly position: number;
  /** Raised when a rebuild has put other rows in the place of those that were folded so far. */
  readonly edition: number;
}
export interface Checkpoints {
  load(consumer: string, source: string): Promise<Checkpoint>;
}
