/** What everybody in the shop shares while the load lasts. */
import type { Recorder, Sent } from './client.ts';
import type { Chance } from './random.ts';
import type { SentFile } from './rows.imports.ts';
import type { Exchange } from './rows.ts';
import type { Shop } from './shop.ts';

/** A sale that was scheduled; it may be over by now. */
export interface OnSale {
  readonly saleId: string;
  readonly path: string;
}

export interface LoadParts {
  readonly recorder: Recorder;
  readonly shop: Shop;
  readonly chance: Chance;
  /** Milliseconds that a buyer has to pay. */
  readonly deadline: number;
  readonly files: SentFile[];
}

export interface Floor extends LoadParts {
  /** In the order in which they were scheduled. */
  readonly sales: OnSale[];
  /** Never the same. */
  readonly key: () => string;
  /** Until somebody says what it came to, or everybody is sent home. */
  readonly insist: (sent: Sent) => Promise<Exchange>;
  /** Nobody begins anything new. */
  readonly isOver: () => boolean;
  /** So many milliseconds, or until then. */
  readonly rest: (milliseconds: number) => Promise<void>;
}
