/** The way into the database: changes of many actors, one transaction. */

import type { Rejection } from './commander.ts';

/** An event on its way to the outbox. `position` is given by the commit. */
export interface OutboxEvent {
  readonly context: string;
  /** Wire type, e.g. `inventory.stock-reserved.v1`. */
  readonly type: string;
  /** `<aggregate type>/<key>` */
  readonly aggregate: string;
  readonly sequence: number;
  /** The JSON text that goes over the wire and into the log, byte for byte. */
  readonly body: string;
  readonly metadata: EventMetadata;
  position: number;
}

export interface EventMetadata {
  readonly at: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent?: string;
}

/** The memory of a command: written with its effect, found by its repeat. No `rejection`: it was accepted. */
export interface CommandRecord {
  readonly id: string;
  readonly aggregate: string;
  readonly principal?: string;
  readonly fingerprint?: string;
  readonly rejection?: Rejection;
}

/** One instance's move from version `from` to `to`. No move (`from` = `to`): only records are written. */
export interface Change<State = unknown, Event = unknown> {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly state: State;
  readonly events: readonly Event[];
  /** A user id, or the flow that acts. */
  readonly by: string;
}

export interface Unit {
  /** Name of the table mapping that turns the change into rows. */
  readonly table: string;
  readonly context: string;
  readonly change: Change;
  readonly events: readonly OutboxEvent[];
  readonly commands: readonly CommandRecord[];
  /** Ids of commands that were accepted and leave no record; one that has a record (a refusal) makes the unit a repeat. */
  readonly unrecorded?: readonly string[];
  /** Nothing but records of commands: the change moves no row. */
  readonly recordsOnly?: boolean;
}

export type CommitResult =
  /** Head positions of the contexts that the transaction wrote to. */
  | { readonly kind: 'committed'; readonly positions: Readonly<Record<string, number>> }
  /** Some of the unit's commands were decided already; nothing of the unit was written. */
  | { readonly kind: 'repeated' }
  /** The row has moved on, or it is not known what became of the unit: reload and decide again. */
  | { readonly kind: 'stale' }
  /** A constraint said no: business uniqueness, which no single actor can see. */
  | { readonly kind: 'violated'; readonly constraint: string }
  /** This unit can never be written. */
  | { readonly kind: 'poisoned'; readonly error: Error }
  /** Another node owns the shard now. */
  | { readonly kind: 'fenced' }
  /** Stopped before it was tried. */
  | { readonly kind: 'unavailable' };

export interface Journal {
  /** Units of one actor must be handed over one after the other. Never rejects. */
  commit(unit: Unit): Promise<CommitResult>;
  /** Beyond its bound: callers are told so before they queue. */
  readonly full: boolean;
}
