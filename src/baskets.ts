/** Freezes what a buyer wants: products and prices as the catalogue view has them now. */
import { createHash } from 'node:crypto';
import type { Clock } from '../actors/ports/clock.ts';
import type { Baskets, PaymentRouting, Wish } from '../actors/ports/purchase.ts';
import type { CatalogueReader } from '../actors/ports/readers.ts';
import type { CatalogueRow, PricedRow } from '../contracts/products.ts';
import { type BasketTools, MOST_TOTAL, offerBasket, priceBasket, quoteText } from '../domains/checkout/basket.ts';
import { commissionOf } from '../domains/payments/ledger.ts';
import { pricedAt } from '../domains/products/pricing.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
const MOST_CACHED = 10_000;

/**
 * `state` of the catalogue view: rows that were read in the same state are still true. What they cost is asked of the
 * clock each time.
 */
export const baskets = (
  catalogue: Pick<CatalogueReader, 'bySkus'>,
  state: () => string,
  clock: Clock,
  routing: Pick<PaymentRouting, 'settle'>,
): Baskets => {
  const cache = new Map<string, CatalogueRow>();
  let cachedAt = '';

  const rowsOf = async (skus: readonly string[]): Promise<readonly CatalogueRow[]> => {
    const now = state();
    if (now !== cachedAt || cache.size > MOST_CACHED) cache.clear();
    cachedAt = now;
    const missing = skus.filter((sku) => !cache.has(sku));
    const found = missing.length > 0 ? await catalogue.bySkus(missing) : new Map<string, CatalogueRow>();
    if (cachedAt === now) for (const [sku, row] of found) cache.set(sku, row);
    const rows = skus.map((sku) => found.get(sku) ?? cache.get(sku)).filter((row) => row !== undefined);
    return [...new Set(rows)];
  };

  /** Of those SKUs only, and for what they cost now. */
  const offersOf = async (skus: ReadonlySet<string>): Promise<readonly PricedRow[]> => {
    const rows = await rowsOf([...skus]);
    const now = clock.now();
    const asked = (row: CatalogueRow) => ({ ...row, variants: row.variants.filter(({ sku }) => skus.has(sku)) });
    return rows.map((row) => pricedAt(asked(row), now));
  };
  const skusOf = (lines: Wish['lines']) => new Set(lines.map(({ sku }) => sku));

  return {
    quote: async (lines, currency) => {
      const { basket, missing } = offerBasket(
        { ...NOBODY, currency },
        lines,
        await offersOf(skusOf(lines)),
        tools('quote'),
      );
      const payable = basket && basket.total <= MOST_TOTAL;
      return { basket, missing, quote: payable ? digest(quoteText(basket)) : undefined };
    },
    freeze: async ({ checkoutId, lines, ...wish }) => {
      const { method, currency, buyerId, shipTo } = wish;
      // Whose provider takes it is settled before anything is held.
      const settled = method && (await routing.settle(method, { buyerId, currency, country: shipTo?.country }));
      if (settled && 'rejection' in settled) return settled;
      const frame = { ...wish, method: settled?.method };
      const { basket, rejection } = priceBasket(frame, lines, await offersOf(skusOf(lines)), tools(checkoutId));
      return rejection ? { rejection } : { basket, quote: digest(quoteText(basket)) };
    },
  };
};

/** Who asks and for which checkout is no part of a price. */
const NOBODY = { buyerId: 'nobody', orderType: 'prepaid' } as const;

/** Order ids follow from the checkout's, so that a repeated request names the same orders. */
const orderIdOf = (checkoutId: string, n: number): string =>
  `ord-${checkoutId.replace(/^chk-/, '')}${n === 0 ? '' : `-${n + 1}`}`;

const tools = (checkoutId: string): BasketTools => ({
  orderId: (_, n) => orderIdOf(checkoutId, n),
  hash: digest,
  commission: commissionOf,
});
