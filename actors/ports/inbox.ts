/** Providers' messages, stored before they are handled. */
import type { GatewayNotice } from './gateway.ts';

export interface Inbox {
  /** Stores what is new; the event ids that were new. */
  store(provider: string, notices: readonly GatewayNotice[]): Promise<ReadonlySet<string>>;
  /** Stored and not handled yet, oldest first. */
  open(provider: string, limit: number): Promise<readonly GatewayNotice[]>;
  handled(provider: string, eventIds: readonly string[]): Promise<void>;
  failed(provider: string, eventId: string, error: string): Promise<void>;
}
