/** A settlement as a table for spreadsheets: a line for each currency and side, in minor units. */
import type { SettlementLine } from '../../actors/ports/reconciliation.ts';

const HEAD = [
  'gateway',
  'day',
  'currency',
  'books',
  'opening',
  'charges',
  'refunds',
  'fees',
  'disputes',
  'transfers',
  'payouts',
  'other',
  'closing',
] as const;
type Cells = Readonly<Record<(typeof HEAD)[number], string | number>>;

/** RFC 4180: what has a comma, a quote or a line break in it stands in quotes. */
const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const sidesOf = (about: Pick<Cells, 'gateway' | 'day'>, line: SettlementLine): readonly Cells[] => {
  const { currency, ours, theirs, opening, closing } = line;
  const own = { ...about, currency, books: 'ours', opening: opening.ours, ...ours, closing: closing.ours };
  if (!theirs) return [own];
  const others = { opening: opening.theirs ?? 0, ...theirs, closing: closing.theirs ?? 0 };
  return [own, { ...about, currency, books: 'gateway', ...others }];
};

export const settlementCsv = (gateway: string, day: string, lines: readonly SettlementLine[]): string => {
  const rows = lines.flatMap((line) => sidesOf({ gateway, day }, line));
  return [HEAD, ...rows.map((row) => HEAD.map((name) => row[name]))]
    .map((cells) => `${cells.map(cell).join(',')}\r\n`)
    .join('');
};
