/** Lies about flash sales. */
import { type Draft, log, type Plant, plant, retell, rows, some, tellAgain, told } from './planting.ts';
import type { Exchange } from './rows.ts';

const EXCEEDS = 'a sale never exceeds its allocation';
const WINDOW = 'nothing sells outside the window';
const BOOKS = 'a sale equals its events';
const SOLD = 'what a sale sold is paid at its price';
const SETTLED = 'every sale is settled once';
const AWAY = 'who bought is not turned away';

const soldClaim = (d: Draft) => some(d, 'flashsales.flash_sale_claims', ({ status }) => status === 'sold');
const checkoutOf = (id: string): string => id.slice(0, id.indexOf('/'));
/** The checkout of a claim that was sold, and its order. */
const flash = (d: Draft) => {
  const claim = soldClaim(d);
  const session = some(d, 'checkout.checkout_sessions', ({ id }) => id === checkoutOf(claim.id));
  const order = some(d, 'orders.orders', ({ checkout_id }) => checkout_id === session.id);
  return { claim, session, order, line: some(d, 'orders.order_items', ({ order_id }) => order_id === order.id) };
};
const settledSale = (d: Draft) => some(d, 'flashsales.flash_sales', ({ stage }) => stage === 'settled');
const settledStock = (d: Draft) => some(d, 'inventory.stock_allocations', ({ status }) => status === 'settled');
/** Somebody who bought from a sale and was told so. */
const buyer = (d: Draft) => told(d, ({ what, status }) => what === 'flash' && status === 201);
const sayAgain = (d: Draft, more: Partial<Exchange>) => {
  const one = buyer(d);
  const later = { start: one.end + 10, end: one.end + 20, at: one.at + (one.end - one.start) + 10 };
  d.history.push({ ...one, data: undefined, status: 409, ...later, ...more });
};

/** The first sale that anything was claimed of is told to have had other terms. */
const otherTerms = (d: Draft, change: (terms: Record<string, unknown>) => unknown) => {
  const { outbox } = log(d, 'flashsales');
  const { aggregate } = outbox.find(({ type }) => type === 'flashsales.allocation-claimed.v1')!;
  for (const row of outbox.filter((one) => one.aggregate === aggregate)) {
    const body = JSON.parse(row.body) as Record<string, unknown>;
    if ('maxPerBuyer' in body) change(body);
    row.body = JSON.stringify(body);
  }
};

export const SALES: readonly Plant[] = [
  plant(EXCEEDS, 'more is claimed than was set aside', (d) => otherTerms(d, (terms) => (terms.allocation = 0))),
  plant(EXCEEDS, 'a claim took more than was counted', (d) =>
    retell(d, 'flashsales', 'allocation-claimed', (claim) => (claim.quantity = Number(claim.quantity) + 1)),
  ),
  plant(EXCEEDS, 'more is told to be left', (d) =>
    retell(d, 'flashsales', 'claim-confirmed', (claim) => (claim.remaining = Number(claim.remaining) + 1)),
  ),
  plant(WINDOW, 'a claim after the end', (d) =>
    retell(d, 'flashsales', 'allocation-claimed', (claim) => (claim.at = '2100-01-01T00:00:00.000Z')),
  ),
  plant(WINDOW, 'a claim before the start', (d) =>
    retell(d, 'flashsales', 'allocation-claimed', (claim) => (claim.at = '2000-01-01T00:00:00.000Z')),
  ),
  plant(WINDOW, 'a claim before the stock was granted', (d) => {
    const { outbox } = log(d, 'flashsales');
    const { aggregate } = outbox.find(({ type }) => type === 'flashsales.allocation-claimed.v1')!;
    const granted = (one: (typeof outbox)[number]) =>
      one.aggregate === aggregate && one.type === 'flashsales.allocation-granted.v1';
    outbox.push(...outbox.splice(outbox.findIndex(granted), 1));
  }),
  plant(WINDOW, 'a claim after it was cancelled', (d) => {
    const { outbox } = log(d, 'flashsales');
    const at = outbox.findIndex(({ type }) => type === 'flashsales.allocation-claimed.v1');
    const row = outbox[at]!;
    outbox.splice(at, 0, { ...row, type: 'flashsales.flash-sale-cancelled.v1' });
  }),
  plant('no buyer gets above the limit', 'nobody was to have any', (d) =>
    otherTerms(d, (terms) => (terms.maxPerBuyer = 0)),
  ),
  plant(BOOKS, 'a claim is given back in the table alone', (d) => (soldClaim(d).status = 'released')),
  plant(BOOKS, 'a claim that nobody made', (d) =>
    rows(d, 'flashsales.flash_sale_claims').push({ ...soldClaim(d), id: 'chk-none/SALE-1' }),
  ),
  plant(BOOKS, 'more is sold in the table', (d) => (settledSale(d).sold += 1)),
  plant(SOLD, 'its checkout was aborted', (d) => (flash(d).session.stage = 'aborted')),
  plant(SOLD, 'it has no checkout', (d) => (flash(d).session.id = 'chk-none')),
  plant(SOLD, 'its order is not paid', (d) => (flash(d).order.status = 'confirmed')),
  plant(SOLD, 'its order cost more', (d) => (flash(d).line.unit_price += 1)),
  plant(SOLD, 'it went to another buyer', (d) => (flash(d).session.buyer_id = 'somebody')),
  plant('completed is paid, charged and sold', 'its claim was given back', (d) => (soldClaim(d).status = 'expired')),
  plant('completed is paid, charged and sold', 'its claim is of another sale', (d) => (soldClaim(d).sale_id = 'other')),
  plant('aborted leaves nothing behind', 'a claim is still held', (d) => {
    const { id } = some(d, 'checkout.checkout_sessions', ({ stage }) => stage === 'aborted');
    const claim = { id: `${id}/ANY`, sale_id: settledSale(d).id, buyer_id: 'x', quantity: 1, status: 'held' };
    rows(d, 'flashsales.flash_sale_claims').push(claim);
  }),
  plant(SETTLED, 'one is still open', (d) => (settledSale(d).stage = 'open')),
  plant(SETTLED, 'one ended twice', (d) => tellAgain(d, 'flashsales', 'flash-sale-ended')),
  plant(SETTLED, 'its stock was set aside twice', (d) => tellAgain(d, 'inventory', 'stock-allocated')),
  plant(SETTLED, 'its stock was settled twice', (d) => tellAgain(d, 'inventory', 'allocation-settled')),
  plant(SETTLED, 'its stock was settled with another number', (d) =>
    retell(d, 'inventory', 'allocation-settled', (end) => (end.sold = Number(end.sold) + 1)),
  ),
  plant(SETTLED, 'its allocation is open', (d) => (settledStock(d).status = 'open')),
  plant(SETTLED, 'stock was set aside for nothing', (d) =>
    rows(d, 'inventory.stock_allocations').push({ ...settledStock(d), id: 'sale-none' }),
  ),
  plant('no oversell', 'an allocation sold more than left the shelf', (d) => {
    const row = settledStock(d);
    row.sold = (row.sold ?? 0) + 1;
  }),
  plant('no oversell', 'an allocation is set aside and not counted', (d) => (settledStock(d).status = 'open')),
  plant('version counts events', 'a sale changed without event', (d) => (settledSale(d).version += 1)),
  plant(AWAY, 'who bought is told sold out', (d) => sayAgain(d, { code: 'sold_out' })),
  plant(AWAY, 'who bought is told of the limit', (d) => sayAgain(d, { code: 'buyer_limit_reached' })),
  plant(AWAY, 'who will buy is told sold out before, in the same life', (d) =>
    sayAgain(d, { code: 'sold_out', at: buyer(d).at - 1 }),
  ),
  plant('one answer per request', 'told of a checkout, then sold out', (d) => {
    const one = told(d, ({ what, status, data }) => what === 'flash' && status === 402 && data !== undefined);
    d.history.push({ ...one, status: 409, code: 'sold_out', data: undefined, start: one.end + 1, end: one.end + 2 });
  }),
  plant('nobody is told paid who is not', 'an order that was cancelled', (d) => {
    const { id } = some(d, 'orders.orders', ({ status }) => status === 'cancelled');
    d.history.push({ ...buyer(d), what: 'look', key: undefined, status: 200, data: { order_id: id, status: 'paid' } });
  }),
  plant('the back office is on record', 'a sale that nobody scheduled', (d) => {
    const { command_id } = some(d, 'edge.audit_log', ({ route }) => route === '/api/v1/flash-sales');
    for (const entry of rows(d, 'edge.audit_log')) if (entry.command_id === command_id) entry.command_id = 'other';
  }),
  plant('the back office is on record', 'a receipt by somebody else', (d) => {
    for (const entry of rows(d, 'edge.audit_log')) if (entry.route.endsWith('/receipts')) entry.user_id = 'somebody';
  }),
];
