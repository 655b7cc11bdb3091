/** What every section of the benchmark is given. */
import type { OwnNats, OwnServer } from '../kit/servers.ts';
import type { Report } from './report.ts';

export interface Bench {
  readonly report: Report;
  readonly postgres: OwnServer;
  readonly nats: OwnNats;
  /** Each measurement has a migrated database of its own: what one leaves behind would have to be published by the next. */
  readonly databaseFor: (name: string) => Promise<string>;
  /** Measurements of which the median counts. */
  readonly runs: number;
}
export type Section = (bench: Bench) => Promise<void>;
