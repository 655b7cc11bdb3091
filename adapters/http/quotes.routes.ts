/** What a basket costs now. Nothing is held and nothing is kept: a client adds a line and asks again. */
import { z } from 'zod';
import type { Baskets } from '../../actors/ports/purchase.ts';
import type { OfferedBasket, OfferedOrder } from '../../contracts/checkout.ts';
import { Id } from '../../contracts/common.ts';
import { Purchase, QuoteName } from './checkouts.shapes.ts';
import { LineShape, showLine, showTotals, TotalsShape } from './orders.shapes.ts';
import { rejected } from './rejections.ts';
import { ok, type Route, refused, route } from './routes.ts';
import { MoneyShape, money } from './shapes.ts';

export interface QuotesPorts {
  readonly baskets: Baskets;
}

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

/** Who asks and for which checkout is no part of a price. */
const NOBODY = { checkoutId: 'quote', buyerId: 'nobody', orderType: 'prepaid' } as const;

export const quotesRoutes = ({ baskets }: QuotesPorts): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/v1/quotes',
    summary: 'What a basket costs now, of several sellers too; the purchase freezes the same prices',
    tags: ['checkout'],
    roles: ['public'],
    limit: 'read',
    idempotent: false,
    body: Purchase.pick({ lines: true, currency: true }),
    responses: {
      200: { description: 'The quote', data: QuoteShape },
      422: refused('Something in it is not for sale, or it is more than can be paid'),
    },
    handle: async ({ body }) => {
      const frozen = await baskets.freeze({ ...NOBODY, ...body });
      return 'rejection' in frozen ? rejected(frozen.rejection) : ok(showQuote(frozen.basket, frozen.quote));
    },
  }),
];
