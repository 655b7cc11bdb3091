/** Providers' messages, stored before they are handled. */
import type { Instant } from '../../contracts/common.ts';
import type { Answer } from './commander.ts';
import type { GatewayNotice } from './gateway.ts';
import type { Found, Slice } from './readers.ts';

export interface Inbox {
  /** Stores what is new; the event ids that were new. Notices about nothing are stored as handled. */
  store(provider: string, notices: readonly GatewayNotice[]): Promise<ReadonlySet<string>>;
  /** Stored and not handled yet, oldest first; parked ones only when nobody has tried them for `parkedFor` milliseconds. */
  open(provider: string, limit: number, parkedFor: number): Promise<readonly OpenNotice[]>;
  handled(provider: string, eventIds: readonly string[]): Promise<void>;
  /** Puts the failed try on record; `park`: it is put aside. */
  failed(provider: string, eventId: string, error: string, park: boolean): Promise<void>;
}

export interface OpenNotice {
  readonly notice: GatewayNotice;
  readonly parked: boolean;
}

export interface NoticeFilter {
  readonly provider?: string;
  readonly state?: NoticeState;
}
/** `discarded`: an operator gave it up. */
export type NoticeState = 'open' | 'parked' | 'handled' | 'discarded';
export interface NoticeRow {
  readonly provider: string;
  readonly eventId: string;
  readonly type: string;
  readonly about: string;
  readonly state: NoticeState;
  readonly paymentId?: string;
  readonly references: readonly string[];
  readonly tries: number;
  readonly error?: string;
  readonly receivedAt: Instant;
  readonly handledAt?: Instant;
}
/** The inbox as operators see it. */
export interface NoticeShelf {
  list(filter: NoticeFilter, slice: Slice): Promise<Found<NoticeRow>>;
  byId(provider: string, eventId: string): Promise<(NoticeRow & { readonly notice: GatewayNotice }) | undefined>;
  /** Gives it up for good; the reason is kept. */
  discard(provider: string, eventId: string, reason: string): Promise<void>;
}

export interface NoticeDesk {
  list(filter: NoticeFilter, slice: Slice): Promise<Found<NoticeRow>>;
  /** Undefined: there is no such notice. Refused as `StillFailing` or `WebhookClosed`. */
  retry(provider: string, eventId: string): Promise<Answer | undefined>;
  discard(provider: string, eventId: string, reason: string): Promise<Answer | undefined>;
}

/** Until when a provider's undelivered notices were fetched. */
export interface GatewayMarks {
  /** Undefined: never. The moment is the database's. */
  last(gateway: string): Promise<{ readonly now: Instant; readonly sweptUntil?: Instant }>;
  move(gateway: string, sweptUntil: Instant): Promise<void>;
}
