/** Flash sales under load: sellers who schedule, change and cancel them, and what their buyers ask for. */
import type { Sent } from './client.ts';
import type { Floor, OnSale } from './floor.ts';
import type { Chance } from './random.ts';
import type { Person, Ware } from './shop.ts';

/** Among so many of the last ones buyers choose: those that just ended, too. */
const REMEMBERED = 6;

const at = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

/** A few pieces for a few seconds; now and then more than there is. */
const termsOf = ({ sku }: Ware, luck: Chance) => {
  const begins = luck.pick([-500, 0, 700, 2_000]);
  return {
    sku,
    prices: [{ currency: 'USD', sale: 300 + luck.below(300) }],
    starts_at: at(begins),
    ends_at: at(begins + 2_500 + luck.below(5_000)),
    allocation: luck.happens(0.1) ? 10_000 : 1 + luck.below(8),
    max_per_buyer: 1 + luck.below(2),
  };
};

const restock = (floor: Floor, seller: Person, { sku }: Ware, quantity: number) => {
  const path = `/api/v1/inventory/${sku}/receipts`;
  return floor.insist({ ...seller, what: 'receipt', path, key: floor.key(), body: { quantity } });
};

const change = (floor: Floor, seller: Person, { path }: OnSale, luck: Chance) => {
  const body = { max_per_buyer: 1 + luck.below(3), ends_at: at(3_000 + luck.below(4_000)) };
  return floor.insist({ ...seller, what: 'change-sale', method: 'PATCH', path, key: floor.key(), body });
};

const cancel = (floor: Floor, seller: Person, { path }: OnSale) => {
  const body = { reason: 'changed my mind' };
  return floor.insist({ ...seller, what: 'cancel-sale', method: 'DELETE', path, key: floor.key(), body });
};

/** One sale from its schedule to its end, or to its cancellation; some are sent twice at once. */
export const holdSale = async (floor: Floor, seller: Person, luck: Chance): Promise<void> => {
  const ware = floor.shop.specials.find((one) => one.seller === seller)!;
  const body = termsOf(ware, luck);
  const sent: Sent = { ...seller, what: 'schedule', path: '/api/v1/flash-sales', key: floor.key(), body };
  const [answer] = await Promise.all([floor.insist(sent), ...(luck.happens(0.3) ? [floor.insist(sent)] : [])]);
  if (answer.status !== 201) {
    await restock(floor, seller, ware, 5 + luck.below(15));
    return floor.rest(100);
  }
  const saleId = String(answer.data?.sale_id);
  const sale = { saleId, path: `/api/v1/flash-sales/${saleId}` };
  floor.sales.push(sale);
  if (luck.happens(0.3)) await change(floor, seller, sale, luck);
  const lasts = Date.parse(body.ends_at) - Date.now();
  await floor.rest(Math.max(0, luck.happens(0.3) ? lasts * luck.next() : lasts + 200));
  // Often too late, which is refused.
  if (luck.happens(0.4)) await cancel(floor, seller, sale);
};

const TOKENS = {
  tok_success: 46,
  tok_declined: 8,
  tok_3ds: 24,
  tok_timeout: 8,
  tok_outage: 4,
  tok_capture_refused: 5,
  tok_duplicate_webhook: 5,
} as const;

/** A wish to buy from one of the last sales; undefined: there was none yet. */
export const flashWish = ({ sales, key }: Floor, buyer: Person, luck: Chance): Sent | undefined => {
  const sale = luck.pick(sales.slice(-REMEMBERED));
  if (!sale) return undefined;
  const body = {
    quantity: luck.happens(0.2) ? 2 : 1,
    currency: 'USD',
    payment: { token: luck.choose(TOKENS) },
  };
  return { ...buyer, what: 'flash', path: `${sale.path}/purchases`, key: key(), body, wait: luck.pick([0, 1, 5, 20]) };
};
