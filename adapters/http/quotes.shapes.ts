/** Quotes on the wire: what a basket costs now, and the name of that. */
import { z } from 'zod';
import type { OfferedBasket, OfferedOrder } from '../../contracts/checkout.ts';
import { Id } from '../../contracts/common.ts';
import { QuoteName } from './checkouts.shapes.ts';
import { LineShape, showLine, showTotals, TotalsShape } from './orders.shapes.ts';
import { MoneyShape, money } from './shapes.ts';

const Part = z.object({
  seller_id: Id,
  lines: z.array(LineShape.omit({ commission: true })),
  totals: TotalsShape,
});
export const QuoteShape = z.object({
  quote: QuoteName.describe('buy with it, and you pay this or are told that it has changed'),
  total: MoneyShape,
  orders: z.array(Part).describe('one for each seller, as a purchase would make them'),
});
const showPart = ({ sellerId, lines, totals }: OfferedOrder, currency: string): z.input<typeof Part> => ({
  seller_id: sellerId,
  lines: lines.map((line) => {
    const { commission: _, ...shown } = showLine(line, currency, false);
    return shown;
  }),
  totals: showTotals(totals, currency),
});
export const showQuote = ({ total, currency, orders }: OfferedBasket, quote: string): z.input<typeof QuoteShape> => ({
  quote,
  total: money(total, currency),
  orders: orders.map((part) => showPart(part, currency)),
});
