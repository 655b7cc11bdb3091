/** What a basket costs now. Nothing is held and nothing is kept: a client adds a line and asks again. */
import type { Baskets } from '../../actors/ports/purchase.ts';
import { Purchase } from './checkouts.shapes.ts';
import { QuoteShape, showQuote } from './quotes.shapes.ts';
import { rejected } from './rejections.ts';
import { ok, type Route, refused, route } from './routes.ts';

export interface QuotesPorts {
  readonly baskets: Baskets;
}

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
