/** Freezing a basket: what the buyer saw becomes what is sold, one order per seller. All amounts in minor units. */
import type { Basket, CheckoutRejection, OfferedBasket, OfferedOrder } from '../../contracts/checkout.ts';
import type { Currency, Id, Sku } from '../../contracts/common.ts';
import type { SalePrice } from '../../contracts/flashsales.ts';
import type { OrderLine, Totals } from '../../contracts/orders.ts';
import type { PricedRow } from '../../contracts/products.ts';
import { stableText } from '../kernel/stable-text.ts';

/** What the buyer asks for. */
export interface BasketLine {
  readonly sku: Sku;
  readonly quantity: number;
  /** Claimed from a flash sale, at its price. */
  readonly flashSale?: { readonly saleId: Id; readonly prices: readonly SalePrice[] };
}
/** Everything about a basket that is not in its lines and the catalogue. */
export type BasketFrame = Omit<Basket, 'orders' | 'total' | 'demand' | 'limits'>;
export interface BasketTools {
  /** The id of the n-th order (from 0), that of `sellerId`. */
  readonly orderId: (sellerId: Id, n: number) => Id;
  readonly hash: (text: string) => string;
  /** The platform's part of what a line costs. */
  readonly commission: (gross: number) => number;
}
/** The catalogue's part of a basket: a variant, its product, and its price in the currency. */
interface Offer {
  readonly product: PricedRow;
  readonly variant: PricedRow['variants'][number];
  readonly unitPrice: number;
}
type Priced = { readonly basket: Basket; readonly rejection?: undefined };
type Refused = { readonly basket?: undefined; readonly rejection: CheckoutRejection };
/** Minor units that a basket may cost: its sums are exact, and fit into an `Amount`. */
export const MOST_TOTAL = 1e15;
/** What of it is for sale; `missing`: what is not. */
export interface Offered {
  readonly basket?: OfferedBasket;
  readonly missing: readonly Sku[];
}

/** Minor units; undefined: not for sale in this currency. */
const priceOf = ({ flashSale }: BasketLine, variant: Offer['variant'], currency: Currency): number | undefined =>
  flashSale
    ? flashSale.prices.find((price) => price.currency === currency)?.sale
    : variant.offers.find((offer) => offer.currency === currency)?.amount;

const offerOf = (catalogue: readonly PricedRow[], line: BasketLine, currency: Currency): Offer | undefined => {
  for (const product of catalogue) {
    const variant = product.variants.find((candidate) => candidate.sku === line.sku);
    const unitPrice = variant && priceOf(line, variant, currency);
    if (unitPrice !== undefined && product.status === 'published') return { product, variant: variant!, unitPrice };
  }
  return undefined;
};

/** Tax, shipping and discount are zero for now; they have their places. */
const plain = (net: number): Totals => ({ net, discount: 0, tax: 0, shipping: 0, gross: net });

const lineOf = (
  { product, variant, unitPrice }: Offer,
  quantity: number,
  line: number,
  commission: BasketTools['commission'],
): OrderLine => ({
  line,
  productId: product.productId,
  variantId: variant.variantId,
  sku: variant.sku,
  title: product.title,
  attributes: variant.attributes,
  quantity,
  unitPrice,
  totals: plain(unitPrice * quantity),
  commission: commission(unitPrice * quantity),
});

/** Field by field over all lines. */
export const totalsOf = (lines: readonly { readonly totals: Totals }[]): Totals => {
  const sum = (field: keyof Totals) => lines.reduce((total, { totals }) => total + totals[field], 0);
  return {
    net: sum('net'),
    discount: sum('discount'),
    tax: sum('tax'),
    shipping: sum('shipping'),
    gross: sum('gross'),
  };
};

/** How much of each SKU the whole basket needs, in SKU order: of two crossing baskets one wins, and none deadlocks. */
export const demandOf = (lines: readonly BasketLine[]): Basket['demand'] => {
  const demand = new Map<string, number>();
  for (const { sku, quantity } of lines) demand.set(sku, (demand.get(sku) ?? 0) + quantity);
  const bySku = ([a]: [string, number], [b]: [string, number]) => (a < b ? -1 : 1);
  const saleOf = (sku: Sku) => lines.find((line) => line.sku === sku && line.flashSale)?.flashSale?.saleId;
  return [...demand].sort(bySku).map(([sku, quantity]) => ({ sku, quantity, flashSaleId: saleOf(sku) }));
};

/** The units of products that have a limit per buyer; variants count together. */
const limitsOf = (orders: readonly OfferedOrder[], offers: readonly Offer[]): Basket['limits'] => {
  const most = new Map(offers.map(({ product }) => [product.productId, product.maxPerUser]));
  const units = orders.flatMap(({ orderId, lines }) =>
    [...Map.groupBy(lines, ({ productId }) => productId)].flatMap(([productId, own]) => {
      const limit = most.get(productId);
      const quantity = own.reduce((sum, line) => sum + line.quantity, 0);
      return limit === undefined ? [] : [{ orderId, productId, quantity, most: limit }];
    }),
  );
  return units.length > 0 ? units : undefined;
};

/** The text whose hash tells whether two orders are the same sale. */
export const snapshotText = (sale: Omit<OfferedOrder, 'orderId'> & BasketFrame): string => {
  const { sellerId, lines, totals, buyerId, currency, orderType, shipTo } = sale;
  return stableText({ sellerId, lines, totals, buyerId, currency, orderType, shipTo });
};

const orderOf = (offers: readonly (Offer & BasketLine)[], orderId: Id, { commission }: BasketTools): OfferedOrder => {
  const { sellerId } = offers[0]!.product;
  const lines = offers.map((offer, i) => lineOf(offer, offer.quantity, i + 1, commission));
  return { orderId, sellerId, lines, totals: totalsOf(lines) };
};

/** Prices what is for sale of a basket from the catalogue's rows of its variants, as they are offered now. */
export const offerBasket = (
  frame: BasketFrame,
  lines: readonly BasketLine[],
  catalogue: readonly PricedRow[],
  tools: BasketTools,
): Offered => {
  const offers = lines.map((line) => ({ line, offer: offerOf(catalogue, line, frame.currency) }));
  const sold = offers.flatMap(({ line, offer }) => (offer ? [{ ...line, ...offer }] : []));
  const missing = offers.filter(({ offer }) => offer === undefined).map(({ line }) => line.sku);
  if (sold.length === 0) return { missing };
  const bySeller = [...Map.groupBy(sold, ({ product }) => product.sellerId)];
  const orders = bySeller.map(([seller, part], n) => orderOf(part, tools.orderId(seller, n), tools));
  const total = totalsOf(orders).gross;
  const limits = limitsOf(orders, sold);
  return { basket: { ...frame, orders, total, demand: demandOf(sold), ...(limits && { limits }) }, missing };
};

/**
 * The same of a basket of at least one line that is bought as a whole. Refuses a variant that is not published or has no
 * price in the currency (`NotForSale`), and a basket that costs more than 10^15 minor units (`TotalTooLarge`).
 */
export const priceBasket = (
  frame: BasketFrame,
  lines: readonly BasketLine[],
  catalogue: readonly PricedRow[],
  tools: BasketTools,
): Priced | Refused => {
  const { basket, missing } = offerBasket(frame, lines, catalogue, tools);
  const [sku] = missing;
  const { currency } = frame;
  if (sku !== undefined) return { rejection: { type: 'NotForSale', sku, currency } };
  if (basket!.total > MOST_TOTAL) return { rejection: { type: 'TotalTooLarge', most: MOST_TOTAL, currency } };
  const frozen = ({ orderId, ...sale }: OfferedOrder) => {
    const snapshotHash = tools.hash(snapshotText({ ...frame, ...sale }));
    return { orderId, ...sale, snapshotHash };
  };
  return { basket: { ...basket!, orders: basket!.orders.map(frozen) } };
};

/** The text whose hash names what a basket costs, line by line: bought later for the same, it has the same one. */
export const quoteText = ({ currency, total, orders }: OfferedBasket): string => {
  const plain = orders.map(({ sellerId, lines, totals }) => ({
    sellerId,
    lines: lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice })),
    totals,
  }));
  return stableText({ currency, total, orders: plain });
};
