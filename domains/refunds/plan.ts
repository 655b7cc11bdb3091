/** What a wish comes to: which parts of which lines, and how much. Refused when it is more than is left. */
import type { CaseLine, RefundRejection, SoldLine, SoldOrder, Wish } from '../../contracts/refunds.ts';
import { allocate } from '../kernel/money.ts';
import { type RefundBookState, standing, sumOf } from './refund-state.ts';
import { leftOf, partOf, takenOf, worthOf } from './shares.ts';

/** What is wanted of an order whose cases are known. Minor units. */
interface Table {
  readonly order: SoldOrder;
  readonly taken: readonly CaseLine[];
  /** Of the order's money: neither given back nor in a case that stands. */
  readonly left: number;
}
export interface Plan {
  readonly amount: number;
  readonly lines: readonly CaseLine[];
}
type Planned = Plan | { readonly rejection: RefundRejection };
type Of<W extends Wish['of']> = Extract<Wish, { of: W }>;

/** Money that went back without a case, by an admin at the payment itself, is no line's but not left either. */
const tableOf = (state: RefundBookState, order: SoldOrder): Table => {
  const cases = standing(state);
  const known = new Set(state.stage === 'unknown' ? [] : state.cases.map(({ caseId }) => caseId));
  const elsewhere = sumOf(order.refunds.filter(({ refundId }) => !known.has(refundId)));
  return { order, taken: cases.flatMap(({ lines }) => lines), left: order.gross - sumOf(cases) - elsewhere };
};

const refuse = (rejection: RefundRejection): Planned => ({ rejection });
const tooMuch = ({ order, left }: Table): Planned =>
  refuse({ type: 'RefundExceedsLeft', orderId: order.orderId, left: Math.max(0, left) });
const unknownLine = ({ order }: Table, line: number): Planned =>
  refuse({ type: 'UnknownOrderLine', orderId: order.orderId, line });
const exceeds = ({ order }: Table, line: number, left: number, of: 'pieces' | 'amount'): Planned =>
  refuse({ type: 'RefundExceedsLine', orderId: order.orderId, line, left, of });

const part = ({ taken }: Table, sold: SoldLine, quantity: number, gross: number): CaseLine => {
  const { line, sku } = sold;
  return { line, sku, quantity, totals: partOf(sold, takenOf(line, taken), gross) };
};
const planned = (table: Table, lines: readonly CaseLine[]): Planned => {
  const amount = lines.reduce((sum, { totals }) => sum + totals.gross, 0);
  return amount === 0 || amount > table.left ? tooMuch(table) : { amount, lines };
};

/** A line that is named twice is one. */
const summed = (wanted: readonly (readonly [number, number])[]): ReadonlyMap<number, number> => {
  const sums = new Map<number, number>();
  for (const [line, n] of wanted) sums.set(line, (sums.get(line) ?? 0) + n);
  return sums;
};
/** Holds what is wanted of each line against what is left of it. */
const objection = (
  table: Table,
  wanted: ReadonlyMap<number, number>,
  of: 'pieces' | 'amount',
  leftIn: (sold: SoldLine) => number,
): Planned | undefined => {
  for (const [line, n] of wanted) {
    const sold = table.order.lines.find((one) => one.line === line);
    if (sold === undefined) return unknownLine(table, line);
    if (n > leftIn(sold)) return exceeds(table, line, leftIn(sold), of);
  }
  return undefined;
};

/** So many pieces of a line, and what they are worth. */
type Wanted = readonly [SoldLine, number, number];
/** Each what it is worth, or as much of it as is left of the order: goodwill may have given it already. */
const fill = (table: Table, wanted: readonly Wanted[]): Planned => {
  let left = Math.max(0, table.left);
  const lines = wanted.map(([sold, n, worth]) => {
    const gross = Math.min(worth, left);
    left -= gross;
    return part(table, sold, n, gross);
  });
  return planned(table, lines);
};
const piecesLeft = ({ taken }: Table, { line, quantity }: SoldLine): number => quantity - takenOf(line, taken).pieces;

const pieces = (table: Table, wish: Of<'pieces'>): Planned => {
  const wanted = summed(wish.lines.map(({ line, quantity }) => [line, quantity]));
  const wrong = objection(table, wanted, 'pieces', (sold) => piecesLeft(table, sold));
  if (wrong) return wrong;
  const sold = table.order.lines.filter(({ line }) => wanted.has(line));
  const worth = (each: SoldLine, n: number) => worthOf(each, takenOf(each.line, table.taken), n);
  return fill(
    table,
    sold.map((each): Wanted => [each, wanted.get(each.line)!, worth(each, wanted.get(each.line)!)]),
  );
};

/** Also money of lines whose pieces are all in cases: a case that was turned down may have left it. */
const all = (table: Table): Planned => {
  const rest = table.order.lines.map(
    (sold): Wanted => [sold, piecesLeft(table, sold), leftOf(sold, takenOf(sold.line, table.taken))],
  );
  return fill(
    table,
    rest.filter(([, n, worth]) => n + worth > 0),
  );
};

const lineAmounts = (table: Table, { lines }: Of<'line-amounts'>): Planned => {
  const wanted = summed(lines.map(({ line, amount }) => [line, amount]));
  const wrong = objection(table, wanted, 'amount', (sold) => leftOf(sold, takenOf(sold.line, table.taken)));
  if (wrong) return wrong;
  const sold = table.order.lines.filter(({ line }) => wanted.has(line));
  return planned(
    table,
    sold.map((line) => part(table, line, 0, wanted.get(line.line)!)),
  );
};

/** By what is left of each line, which together is at least what is left of the order. */
const spread = (table: Table, amount: number): Planned => {
  if (amount > table.left) return tooMuch(table);
  const { lines } = table.order;
  const shares = allocate(
    amount,
    lines.map((sold) => leftOf(sold, takenOf(sold.line, table.taken))),
  );
  return planned(
    table,
    lines.map((sold, i) => part(table, sold, 0, shares[i]!)).filter(({ totals }) => totals.gross),
  );
};

/** `loose`: of no line, as goodwill is. */
export const planOf = (state: RefundBookState, order: SoldOrder, wish: Wish, loose: boolean): Planned => {
  const table = tableOf(state, order);
  switch (wish.of) {
    case 'all':
      return all(table);
    case 'pieces':
      return pieces(table, wish);
    case 'line-amounts':
      return lineAmounts(table, wish);
    case 'amount':
      if (!loose) return spread(table, wish.amount);
      return wish.amount > table.left ? tooMuch(table) : { amount: wish.amount, lines: [] };
  }
};
