/** What reconciliation needs of the world: both sides of a comparison, its runs, its cases, and closed days. */
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type { CaseStatus, FindingKind } from '../../contracts/reconciliation.ts';
import type { Entry, GatewayPosting, Names } from '../../domains/reconciliation/lines.ts';
import type { Standings } from '../../domains/reconciliation/orders.policy.ts';
import type { KnownCase } from '../../domains/reconciliation/reconciliation-case.ts';
import type { Figures } from '../../domains/reconciliation/settlement.ts';
import type { Dispute, GatewayQuestion, Period } from './gateway.ts';
import type { Found, Slice } from './readers.ts';

/** Our books of one gateway's balance, found by the positions of the log: the ledger has no index by time. */
export interface BalanceBooks {
  /** When the first event was; undefined: there is none. */
  begin(): Promise<Instant | undefined>;
  /** Booked in that period, page by page; what was booked together is in one page. */
  booked(gateway: string, period: Period): AsyncIterable<readonly GatewayPosting[]>;
  /** By these sources (payments, corrections), whenever booked. */
  bySources(gateway: string, sources: readonly string[]): Promise<readonly GatewayPosting[]>;
  /** What the provider's names and the keys of calls mean. */
  names(references: readonly string[], keys: readonly string[]): Promise<Names>;
  /** What to ask the provider about an entry; undefined: no call of ours stands behind it. */
  question(entry: Entry): Promise<GatewayQuestion | undefined>;
}

export interface OrderBooks {
  /** Whatever moved in that period, page by page, as it stands now. */
  standings(period: Period): AsyncIterable<Standings>;
}

export interface RunRow {
  readonly runId: Id;
  readonly against: string;
  readonly since: Instant;
  readonly until: Instant;
  /** Compared up to here. */
  readonly mark: Instant;
  readonly state: 'running' | 'done';
  readonly matched: number;
  readonly found: number;
  readonly error?: string;
  readonly by: Id;
  readonly startedAt: Instant;
  readonly finishedAt?: Instant;
}
export interface Runs {
  /** The open run about it, if there is one. */
  open(against: string): Promise<RunRow | undefined>;
  /** How far it was compared by runs that are done. */
  comparedUntil(against: string): Promise<Instant | undefined>;
  /** Undefined: there is an open one. */
  begin(run: Pick<RunRow, 'runId' | 'against' | 'since' | 'until' | 'by'>): Promise<RunRow | undefined>;
  advance(runId: Id, mark: Instant, counts: Pick<RunRow, 'matched' | 'found'>): Promise<void>;
  failed(runId: Id, error: string): Promise<void>;
  finish(runId: Id): Promise<void>;
  list(filter: { readonly against?: string }, slice: Slice): Promise<Found<RunRow>>;
}

export interface CaseRow extends KnownCase {
  readonly caseId: Id;
}
export interface CaseFilter {
  readonly status?: CaseStatus;
  readonly kind?: FindingKind;
  readonly against?: string;
  /** What it is about happened before. */
  readonly before?: Instant;
}
export interface CaseReader {
  byId(caseId: Id): Promise<CaseRow | undefined>;
  /** The oldest first: what waits longest. */
  list(filter: CaseFilter, slice: Slice): Promise<Found<CaseRow>>;
  byIds(caseIds: readonly Id[]): Promise<readonly CaseRow[]>;
  /** Open ones by kind, and since when the oldest is there. */
  standing(): Promise<readonly { readonly kind: FindingKind; readonly open: number; readonly oldest: Instant }[]>;
}

export interface DayRow {
  readonly currency: Currency;
  readonly ours: Figures;
  /** Undefined: the provider has no list of its balance. */
  readonly theirs?: Figures;
}
/** Closed days never change: what is booked later is booked on a later day. */
export interface Settlements {
  /** The first day that is not closed, as YYYY-MM-DD; undefined: none is. */
  closedUntil(gateway: string): Promise<string | undefined>;
  close(gateway: string, day: string, rows: readonly DayRow[]): Promise<void>;
  /** Sums of all closed days before. */
  before(gateway: string, day: string): Promise<readonly DayRow[]>;
  of(gateway: string, day: string): Promise<readonly DayRow[]>;
}

/** A dispute as the provider tells of it. */
export interface DisputeRow extends Dispute {
  readonly gateway: string;
  readonly paymentId?: Id;
  readonly seenAt: Instant;
}
export interface DisputeLog {
  keep(gateway: string, disputes: readonly Dispute[]): Promise<void>;
  /** The next evidence due first; those without a date last. */
  list(
    filter: { readonly gateway?: string; readonly status?: Dispute['status'] },
    slice: Slice,
  ): Promise<Found<DisputeRow>>;
}

/** What operators ask for. */
export interface ReconciliationDesk {
  /** Begins runs about one thing or all; those that go on already are shown as they are. */
  start(wish: { readonly against?: string; readonly since?: Instant; readonly by: Id }): Promise<readonly RunRow[]>;
  /** What can be compared with. */
  readonly subjects: readonly string[];
}
export interface SettlementLine extends DayRow {
  readonly opening: { readonly ours: number; readonly theirs?: number };
  readonly closing: { readonly ours: number; readonly theirs?: number };
}
export interface SettlementReports {
  /** A day in UTC as YYYY-MM-DD; undefined: there is no such gateway. */
  of(gateway: string, day: string): Promise<{ closed: boolean; lines: readonly SettlementLine[] } | undefined>;
  readonly gateways: readonly string[];
}
