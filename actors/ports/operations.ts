/** What an operator sees and may do. */
import type { Id, Instant } from '../../contracts/common.ts';
import type { Answer, Meta } from './commander.ts';
import type { Found, Slice } from './readers.ts';

/** A node of the supervision tree. */
export interface ActorReport {
  readonly path: string;
  readonly kind:
    | 'system'
    | 'context'
    | 'region'
    | 'instance'
    | 'consumer'
    | 'feed'
    | 'saga'
    | 'relay'
    | 'outcalls'
    | 'gateway'
    | 'journal'
    | 'job'
    | 'reconciliation';
  readonly state: string;
  readonly inbox?: number;
  /** Milliseconds that the oldest waiting message has waited. */
  readonly oldest?: number;
  readonly version?: number;
  readonly processed?: number;
  /** Milliseconds spent deciding, all in all. */
  readonly busy?: number;
  readonly restarts?: number;
  readonly lastError?: string;
  readonly active?: number;
  readonly passivated?: number;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly children?: readonly ActorReport[];
}

export interface SagaRow {
  readonly flow: string;
  readonly sagaId: Id;
  readonly stage: string;
  readonly closed: boolean;
  readonly startedAt: Instant;
  readonly updatedAt: Instant;
  readonly deadline?: Instant;
  readonly lastError?: string;
  /** In the order in which they were sent. */
  readonly steps: readonly {
    readonly step: string;
    /** `<aggregate type>/<key>` */
    readonly to: string;
    readonly state: 'waiting' | 'sent' | 'accepted' | 'rejected';
    readonly at?: Instant;
    readonly detail?: string;
  }[];
}
export interface SagaFilter {
  readonly flow?: string;
  readonly stage?: string;
  readonly closed?: boolean;
}

export interface DeadLetterRow {
  readonly deadLetterId: Id;
  readonly consumer: string;
  readonly source: string;
  readonly key: string;
  readonly position: number;
  readonly type: string;
  readonly body: string;
  readonly error: string;
  readonly parkedAt: Instant;
}
export interface DeadLetterFilter {
  readonly consumer?: string;
  readonly source?: string;
  readonly key?: string;
}

/** A context's log and its stream, side by side. */
export interface OutboxComparison {
  readonly context: string;
  readonly outbox: number;
  /** undefined: the broker does not tell. */
  readonly stream?: number;
  readonly equal: boolean;
}

export interface Operations {
  /** The branch whose path begins with `branch`; `depth` 0 without children, 2 with instances. */
  actors(branch: string, depth: number): ActorReport;
  /** Lets a quarantined instance try again. `path` as in the tree. */
  revive(path: string, meta: Meta): Promise<Answer>;
  sagas(filter: SagaFilter, slice: Slice): Promise<Found<SagaRow>>;
  saga(flow: string, sagaId: Id): Promise<SagaRow | undefined>;
  /** Sends the commands that have no answer again, under the same ids. */
  retrySaga(flow: string, sagaId: Id, meta: Meta): Promise<Answer>;
  deadLetters(filter: DeadLetterFilter, slice: Slice): Promise<Found<DeadLetterRow>>;
  deadLetter(id: Id): Promise<DeadLetterRow | undefined>;
  /** Handles it and all later ones of its key again, in order. */
  replay(id: Id, meta: Meta): Promise<Answer>;
  /** Gives it up for good; the reason is kept. */
  discard(id: Id, reason: string, meta: Meta): Promise<Answer>;
  outboxes(): Promise<readonly OutboxComparison[]>;
}
