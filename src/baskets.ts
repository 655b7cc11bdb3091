/** Freezes what a buyer wants: products and prices as the catalogue view has them now. */
import { createHash } from 'node:crypto';
import type { Baskets, Wish } from '../actors/ports/purchase.ts';
import type { CatalogueReader } from '../actors/ports/readers.ts';
import type { CatalogueRow } from '../contracts/products.ts';
import { priceBasket } from '../domains/checkout/basket.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Rows by SKU, good for as long as the view has not moved. */
const MOST_CACHED = 10_000;

/** `position` of the catalogue view: rows that were read at the same position are still true. */
export const baskets = (catalogue: CatalogueReader, position: () => number): Baskets => {
  const cache = new Map<string, CatalogueRow>();
  let cachedAt = -1;

  const rowsOf = async (skus: readonly string[]): Promise<ReadonlyMap<string, CatalogueRow>> => {
    const now = position();
    if (now !== cachedAt || cache.size > MOST_CACHED) cache.clear();
    cachedAt = now;
    const missing = skus.filter((sku) => !cache.has(sku));
    if (missing.length === 0) return cache;
    const found = await catalogue.bySkus(missing);
    for (const [sku, row] of found) cache.set(sku, row);
    return new Map([...cache, ...found]);
  };

  return {
    freeze: async (wish) => {
      const rows = await rowsOf([...new Set(wish.lines.map(({ sku }) => sku))]);
      return price(wish, rows);
    },
  };
};

const price = (wish: Wish, rows: ReadonlyMap<string, CatalogueRow>): Awaited<ReturnType<Baskets['freeze']>> => {
  const { checkoutId, lines, ...frame } = wish;
  const variantOf = (sku: string) => rows.get(sku)?.variants.find((variant) => variant.sku === sku);
  const unknown = lines.find(({ sku }) => !variantOf(sku));
  if (unknown) return { rejection: { type: 'NotForSale', sku: unknown.sku, currency: wish.currency } };
  const wanted = lines.map(({ sku, quantity }) => ({ variantId: variantOf(sku)!.variantId, quantity }));
  const products = [...new Set(lines.map(({ sku }) => rows.get(sku)!))];
  const orderId = (_seller: string, n: number) => `ord-${checkoutId.replace(/^chk-/, '')}${n === 0 ? '' : `-${n + 1}`}`;
  const priced = priceBasket(frame, wanted, products, { orderId, hash: digest });
  if (!priced.rejection) return { basket: priced.basket };
  const { rejection } = priced;
  if (rejection.type !== 'NotForSale') return { rejection };
  const sku = lines.find((line) => variantOf(line.sku)!.variantId === rejection.variantId)!.sku;
  return { rejection: { ...rejection, sku } };
};
