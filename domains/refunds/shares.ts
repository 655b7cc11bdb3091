/**
 * What a part of a line is worth. Whatever the order of cases, and however many are turned down in between, all parts of a
 * line add up to the line, in every field, to the last minor unit: a part is what is due after it less what was given before.
 */
import type { Totals } from '../../contracts/orders.ts';
import type { CaseLine, SoldLine } from '../../contracts/refunds.ts';
import { allocate } from '../kernel/money.ts';

/** What of a line is in cases that stand. Minor units. */
export interface Taken {
  readonly pieces: number;
  /** Given for pieces; what was given as mere money is not in it. */
  readonly forPieces: number;
  readonly totals: Totals;
}
const NOTHING: Totals = { net: 0, discount: 0, tax: 0, shipping: 0, gross: 0 };

export const plus = (a: Totals, b: Totals): Totals => ({
  net: a.net + b.net,
  discount: a.discount + b.discount,
  tax: a.tax + b.tax,
  shipping: a.shipping + b.shipping,
  gross: a.gross + b.gross,
});

export const takenOf = (line: number, parts: readonly CaseLine[]): Taken =>
  parts
    .filter((part) => part.line === line)
    .reduce<Taken>(
      ({ pieces, forPieces, totals }, part) => ({
        pieces: pieces + part.quantity,
        forPieces: forPieces + (part.quantity > 0 ? part.totals.gross : 0),
        totals: plus(totals, part.totals),
      }),
      { pieces: 0, forPieces: 0, totals: NOTHING },
    );

export const leftOf = ({ totals }: SoldLine, taken: Taken): number => totals.gross - taken.totals.gross;

/** `part` of `whole`, as a share of `total`, to the nearest minor unit; the whole is worth all of it. */
const shareAt = (total: number, part: number, whole: number): number =>
  whole === 0 ? 0 : allocate(total, [part, whole - part])[0]!;

/** What `pieces` more are worth, discount, tax and shipping included; never more than is left of the line. */
export const worthOf = (sold: SoldLine, taken: Taken, pieces: number): number => {
  const due = shareAt(sold.totals.gross, taken.pieces + pieces, sold.quantity) - taken.forPieces;
  return Math.min(Math.max(due, 0), leftOf(sold, taken));
};

/** An amount of a line, which must be left of it, as net, discount, tax and shipping: by what is left of each. */
export const partOf = ({ totals }: SoldLine, { totals: taken }: Taken, gross: number): Totals => {
  const [goods, goodsTaken] = [totals.net - totals.discount, taken.net - taken.discount];
  const left = [goods - goodsTaken, totals.tax - taken.tax, totals.shipping - taken.shipping];
  const [paid = 0, tax = 0, shipping = 0] = allocate(gross, left);
  const discount = Math.max(0, shareAt(totals.discount, goodsTaken + paid, goods) - taken.discount);
  return { net: paid + discount, discount, tax, shipping, gross };
};
