/** Freezes what a buyer wants: products and prices as the catalogue view has them now. */
import { createHash } from 'node:crypto';
import type { Clock } from '../actors/ports/clock.ts';
import type { Baskets, PaymentRouting, Wish } from '../actors/ports/purchase.ts';
import type { CatalogueReader } from '../actors/ports/readers.ts';
import type { CatalogueRow, PricedRow } from '../contracts/products.ts';
import { priceBasket } from '../domains/checkout/basket.ts';
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

  return {
    freeze: async (wish) => {
      const { currency, buyerId, shipTo } = wish;
      // Whose provider takes it is settled before anything is held.
      const settled =
        wish.method && (await routing.settle(wish.method, { buyerId, currency, country: shipTo?.country }));
      if (settled && 'rejection' in settled) return settled;
      const skus = new Set(wish.lines.map(({ sku }) => sku));
      const rows = await rowsOf([...skus]);
      const now = clock.now();
      const asked = (row: CatalogueRow) => ({ ...row, variants: row.variants.filter(({ sku }) => skus.has(sku)) });
      return price(
        { ...wish, method: settled?.method },
        rows.map((row) => pricedAt(asked(row), now)),
      );
    },
  };
};

/** Order ids follow from the checkout's, so that a repeated request names the same orders. */
const orderIdOf = (checkoutId: string, n: number): string =>
  `ord-${checkoutId.replace(/^chk-/, '')}${n === 0 ? '' : `-${n + 1}`}`;

const price = (
  { checkoutId, lines, ...frame }: Wish,
  rows: readonly PricedRow[],
): Awaited<ReturnType<Baskets['freeze']>> => {
  const priced = priceBasket(frame, lines, rows, { orderId: (_, n) => orderIdOf(checkoutId, n), hash: digest });
  return priced.rejection ? { rejection: priced.rejection } : { basket: priced.basket };
};
