/** A day of a provider's balance in figures: what came in, what went out, and what is left. Minor units, signed. */
import type { LineKind } from './lines.ts';

export const COLUMNS = ['charges', 'refunds', 'fees', 'disputes', 'transfers', 'payouts', 'other'] as const;
export type Column = (typeof COLUMNS)[number];
/** What each grew the balance by: refunds, fees and payouts are negative. */
export type Figures = Readonly<Record<Column, number>>;
/** By currency. */
export type Sheet = ReadonlyMap<string, Figures>;

const COLUMN: Readonly<Record<LineKind, Column>> = {
  charge: 'charges',
  refund: 'refunds',
  dispute: 'disputes',
  transfer: 'transfers',
  'transfer-reversal': 'transfers',
  payout: 'payouts',
  fee: 'fees',
  other: 'other',
};
export const NOTHING: Figures = Object.fromEntries(COLUMNS.map((column) => [column, 0])) as Figures;

interface Moved {
  readonly kind: LineKind;
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
}
/** The sheet with these lines in it; each with its fee in the column of fees. */
export const withLines = (sheet: Sheet, lines: readonly Moved[]): Sheet => {
  const next = new Map(sheet);
  for (const { kind, amount, fee, currency } of lines) {
    const sums: Record<Column, number> = { ...(next.get(currency) ?? NOTHING) };
    sums[COLUMN[kind]] += amount;
    sums.fees -= fee;
    next.set(currency, sums);
  }
  return next;
};

export const netOf = (figures: Figures): number => COLUMNS.reduce((sum, column) => sum + figures[column], 0);
