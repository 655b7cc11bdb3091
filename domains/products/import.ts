/** A row of an import: it makes the product, or brings it to what the row says. A row that changes nothing is no event. */
import type { Id, Instant } from '../../contracts/common.ts';
import type {
  NewPrice,
  NewVariant,
  ProductCommand,
  ProductEvent,
  ProductRejection,
  Variant,
} from '../../contracts/products.ts';
import { accept, reject } from '../kernel/decider.ts';
import { type Answer, about, changesOf, type Desk } from './desk.ts';
import { replaced, sameImages, withPrimary } from './images.ts';
import { baseAt, withoutPast } from './pricing.ts';
import { evolve, type Product, type ProductState } from './product-state.ts';
import { badSet, badVariants, repriced, unpriced, variantFrom } from './variants.ts';

type Row = Extract<ProductCommand, { type: 'ImportProduct' }>;
type Part = { readonly events: readonly ProductEvent[]; readonly refusal?: ProductRejection };
const part = (...events: readonly ProductEvent[]): Part => ({ events });
const refused = (refusal: ProductRejection): Part => ({ events: [], refusal });

const asNew = (variant: Row['variants'][number]): NewVariant => ({ ...variant, attributes: variant.attributes ?? {} });

export const makeFrom = (productId: Id, row: Row, now: Instant): Answer => {
  const { type: _, publish, title, variants: asked, images, ...facts } = row;
  if (title === undefined) return reject({ type: 'TitleRequired', productId });
  const variants = asked.map(asNew);
  const refusal = badVariants(productId, variants, now);
  if (refusal) return reject(refusal);
  const about = { productId, sellerId: row.sellerId, by: row.by, at: now, source: row.source };
  const made = variants.map((variant) => variantFrom(variant, now));
  const pictures = images && { images: withPrimary(images) };
  const rest = { title, category: row.category ?? [], ...pictures, variants: made };
  const created: ProductEvent = { type: 'ProductCreated', ...facts, ...about, ...rest };
  if (!publish) return accept(created);
  const bare = unpriced(made, now);
  if (bare) return reject({ type: 'PriceMissing', sku: bare.sku });
  return accept<ProductEvent>(created, { type: 'ProductPublished', ...about });
};

/** A price that names no period says what it costs now: it is news only when it costs something else. */
const isNews = (
  prices: Variant['prices'],
  { amount, currency, from, until, discount }: NewPrice,
  now: Instant,
): boolean =>
  from !== undefined || until !== undefined || discount !== undefined || baseAt(prices, currency, now) !== amount;

const repricing = (desk: Desk, variant: Variant, prices: readonly NewPrice[], row: Row): Part => {
  const news = prices.filter((price) => isNews(variant.prices, price, desk.now));
  if (news.length === 0) return part();
  const after = repriced(variant, news, desk.now);
  if (after.refusal) return refused(after.refusal);
  if (JSON.stringify(after.prices) === JSON.stringify(withoutPast(variant.prices, desk.now))) return part();
  const { variantId, sku } = variant;
  return part({ type: 'PriceUpdated', ...about(desk, row.by, row.source), variantId, sku, prices: after.prices });
};

const redressed = (desk: Desk, { variantId, sku, attributes: before }: Variant, row: Row, attributes = before): Part =>
  JSON.stringify(Object.entries(before).sort()) === JSON.stringify(Object.entries(attributes).sort())
    ? part()
    : part({ type: 'VariantUpdated', ...about(desk, row.by, row.source), variantId, sku, attributes });

const variantPart = (desk: Desk, asked: Row['variants'][number], row: Row): Part => {
  const known = desk.product.variants.find(({ sku }) => sku === asked.sku);
  if (known) {
    const prices = repricing(desk, known, asked.prices, row);
    return { ...prices, events: [...redressed(desk, known, row, asked.attributes).events, ...prices.events] };
  }
  const variant = asNew(asked);
  const refusal = badVariants(desk.productId, [variant], desk.now);
  if (refusal) return refused(refusal);
  const made = variantFrom(variant, desk.now);
  if (desk.product.status !== 'draft' && unpriced([made], desk.now))
    return refused({ type: 'PriceMissing', sku: asked.sku });
  return part({ type: 'VariantAdded', ...about(desk, row.by, row.source), variant: made });
};

const textPart = (desk: Desk, row: Row): Part => {
  const changes = changesOf(desk.product, row);
  if (!changes) return part();
  return part({ type: 'ProductUpdated', ...about(desk, row.by, row.source), ...changes } as ProductEvent);
};

const imagePart = (desk: Desk, row: Row): Part => {
  if (row.images === undefined) return part();
  const images = replaced(desk.product.images, row.images);
  if (sameImages(desk.product.images, images)) return part();
  return part({ type: 'ImagesChanged', ...about(desk, row.by, row.source), images });
};

/** All that the row changes, or the first thing that speaks against it: then nothing of the row happens. */
export const bringTo = (desk: Desk, row: Row): Answer => {
  const parts = [textPart(desk, row), ...row.variants.map((one) => variantPart(desk, one, row)), imagePart(desk, row)];
  const refusal = parts.find((one) => one.refusal)?.refusal;
  if (refusal) return reject(refusal);
  const events = parts.flatMap((one) => one.events);
  const after = events.reduce<ProductState>(evolve, desk.product) as Product;
  const bad = badSet(desk.productId, after.variants);
  if (bad) return reject(bad);
  if (!row.publish || after.status === 'published') return accept(...events);
  const bare = unpriced(after.variants, desk.now);
  if (bare) return reject({ type: 'PriceMissing', sku: bare.sku });
  return accept(...events, { type: 'ProductPublished', ...about(desk, row.by, row.source) });
};
