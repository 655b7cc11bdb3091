/** Who did what in the back office. Only ever added to. */
import type { Role } from '../../contracts/accounts.ts';
import type { Id, Instant } from '../../contracts/common.ts';
import type { Found, Slice } from './readers.ts';

/** Written before anything is done: what is done without it does not happen. */
export interface AuditEntry {
  readonly auditId: Id;
  readonly userId: Id;
  /** Those of the caller that the route asks for. */
  readonly roles: readonly Role[];
  readonly method: string;
  /** The route's path, with its parameters by name. */
  readonly route: string;
  /** The parameters of the path. Never anything of the body. */
  readonly ids: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  /** Under which the commands are remembered, and by which events name their cause (with a step behind it). */
  readonly commandId: string;
  readonly address: string;
}
/** Written when it is done. One that is missing was lost with the process: the command's record tells. */
export interface AuditOutcome {
  readonly auditId: Id;
  /** HTTP status. */
  readonly status: number;
  /** Of the problem. */
  readonly code?: string;
  /** Ids in the answer, such as that of what was made. */
  readonly made: Readonly<Record<string, string>>;
  /** Where the write is in the logs: `orders=12`. */
  readonly position?: string;
  /** It was the answer to an earlier request under the same key. */
  readonly repeated: boolean;
}
export interface AuditTrail {
  /** Rejects when it could not be written: nothing may be done then. */
  began(entry: AuditEntry): Promise<void>;
  /** Never rejects: it is done already. */
  ended(outcome: AuditOutcome): Promise<void>;
}

export type AuditRow = AuditEntry & Partial<Omit<AuditOutcome, 'auditId'>> & { readonly at: Instant };
export interface AuditFilter {
  readonly userId?: Id;
  readonly route?: string;
  /** Any id in the path or in the answer. */
  readonly id?: string;
  readonly from?: Instant;
  readonly to?: Instant;
}
export interface AuditReader {
  /** Newest first. */
  list(filter: AuditFilter, slice: Slice): Promise<Found<AuditRow>>;
}
