/** Flash sales: at no event more than was set aside, outside the window, or above a buyer's limit; what is sold is paid. */
import { casesOf, PAID } from './checks.purchases.ts';
import { lastStands, type Moment, replay, takenBy, unitsOf } from './replay.ts';
import { type Check, grouped, type Violation, violation } from './rows.ts';

const SOLD = 'what a sale sold is paid at its price';

function* withinAllocation({ event, stand }: Moment): Generator<Violation> {
  const { saleId, allocation } = stand;
  const [held, sold] = [unitsOf(stand, 'held'), unitsOf(stand, 'sold')];
  const say = (detail: string) => violation('a sale never exceeds its allocation', saleId, detail);
  if (held + sold > allocation) yield say(`${held} held and ${sold} sold of ${allocation}`);
  if (
    'remaining' in event &&
    (event.held !== held || event.sold !== sold || event.remaining !== allocation - held - sold)
  )
    yield say(`told ${event.held} held and ${event.sold} sold, by its claims ${held} and ${sold}`);
}

function* withinTerms({ event, stand }: Moment): Generator<Violation> {
  if (event.type !== 'AllocationClaimed') return;
  const { saleId, startsAt, endsAt, cancelledAt, granted, most } = stand;
  const at = Date.parse(event.at);
  const isIn = at >= Date.parse(startsAt) && at < Date.parse(endsAt);
  if (!granted || !isIn || cancelledAt !== undefined)
    yield violation('nothing sells outside the window', saleId, `${event.claimId} at ${event.at}`);
  const taken = takenBy(stand, event.buyerId);
  if (taken > most)
    yield violation('no buyer gets above the limit', saleId, `${event.buyerId} has ${taken} of ${most}`);
}

/** From the events alone, after each of them. */
export const bounds: Check = function* (evidence) {
  for (const moment of replay(evidence)) {
    yield* withinAllocation(moment);
    yield* withinTerms(moment);
  }
};

/** The tables say what the events say. */
export const books: Check = function* (evidence) {
  const stands = lastStands(evidence);
  const claims = grouped(evidence.rows['flashsales.flash_sale_claims'], ({ sale_id }) => sale_id);
  const say = (id: string, detail: string) => violation('a sale equals its events', id, detail);
  for (const { id, held, sold } of evidence.rows['flashsales.flash_sales']) {
    const stand = stands.get(id);
    if (!stand) yield say(id, 'was never scheduled');
    else if (held !== unitsOf(stand, 'held') || sold !== unitsOf(stand, 'sold'))
      yield say(
        id,
        `${held} held and ${sold} sold, by its events ${unitsOf(stand, 'held')} and ${unitsOf(stand, 'sold')}`,
      );
    if (stand && claims(id).length !== stand.claims.size)
      yield say(id, `${claims(id).length} of ${stand.claims.size} claims`);
    for (const { id: claimId, status, quantity, buyer_id } of claims(id)) {
      const told = stand?.claims.get(claimId);
      if (told?.status !== status || told.quantity !== quantity || told.buyerId !== buyer_id)
        yield say(id, `claim ${claimId} is ${status}, by its events ${told?.status}`);
    }
  }
};

/** Every sold claim belongs to a checkout that completed, with one paid order at the sale's price. */
export const sold: Check = function* (evidence) {
  const { rows } = evidence;
  const cases = new Map([...casesOf(evidence)].map((found) => [found.session.id, found]));
  const sales = new Map(rows['flashsales.flash_sales'].map((sale) => [sale.id, sale]));
  const items = grouped(rows['orders.order_items'], ({ order_id }) => order_id);
  for (const { id, sale_id, quantity, buyer_id } of rows['flashsales.flash_sale_claims'].filter(isSold)) {
    const found = cases.get(id.slice(0, id.indexOf('/')));
    const say = (detail: string) => violation(SOLD, id, detail);
    if (found?.session.stage !== 'completed') yield say(`its checkout is ${found?.session.stage}`);
    if (!found) continue;
    if (found.session.buyer_id !== buyer_id) yield say(`claimed by ${buyer_id}, bought by ${found.session.buyer_id}`);
    const [order] = found.orders;
    if (!order || !PAID.has(order.status)) yield say(`its order is ${order?.status}`);
    const price = sales.get(sale_id)?.prices.find(({ currency }) => currency === order?.currency)?.sale;
    const [line] = order ? items(order.id) : [];
    if (line?.unit_price !== price || line?.quantity !== quantity || order?.gross !== quantity * price!)
      yield say(`${line?.quantity} at ${line?.unit_price}, together ${order?.gross}; claimed ${quantity} at ${price}`);
  }
};
const isSold = ({ status }: { readonly status: string }): boolean => status === 'sold';
