/** Purchases, as buyers make them. */
import { describe, expect, test } from '@jest/globals';
import { by, refused, taken, told } from '../kit/client.ts';
import { bought, type Line } from '../kit/purchases.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const buying = (shop: () => Shop): void => {
  describe('buying', () => {
    test('one thing: paid, with a history, seen by buyer and seller', async () => {
      const [buyer, seller] = [await shop().newcomer(), await shop().as('seller')];
      const { sku } = await shop().offer(seller, { stock: 3, amount: 1_999 });
      const answer = await shop().buy({ as: buyer.token, lines: [{ sku, quantity: 2 }] });
      expect(told(answer)).toBe('201');
      expect(answer.response.headers.get('preference-applied')).toBe('wait=20');
      const { order: id, total, checkout_id } = bought(answer);
      expect(total).toEqual({ amount: 3_998, currency: 'USD' });
      expect(answer.response.headers.get('location')).toBe(`/api/v1/orders/${id}`);
      // At once, and without a word of the position: who is told that it is completed reads that it is paid.
      const order = await shop().orderOf(id, buyer.token);
      expect(order).toMatchObject({ status: 'paid', seller_id: 'demo-seller', lines: [{ sku, quantity: 2 }] });
      expect(order.history.map(({ to }) => to)).toEqual(['created', 'confirmed', 'paid']);
      await shop().stockBecomes(sku, { on_hand: 1, reserved: 0 });
      const own = await shop()
        .client(buyer.token)
        .GET('/api/v1/orders', { params: { query: { checkout_id } } });
      expect(taken(own)).toEqual([order]);
      const sold = await shop()
        .client(seller)
        .GET('/api/v1/sellers/{id}/orders', { params: { path: { id: 'demo-seller' }, query: { status: 'paid' } } });
      // The seller sees what the platform takes, the buyer does not.
      const commission = { amount: 400, currency: 'USD' };
      expect(order.lines[0]!.commission).toBeNull();
      expect(taken(sold)).toContainEqual({ ...order, lines: order.lines.map((line) => ({ ...line, commission })) });
      const stranger = shop().client((await shop().newcomer()).token);
      expect(told(await stranger.GET('/api/v1/orders/{id}', by(id)))).toBe('404 not_found');
    });

    test('several lines of several sellers: an order for each, one payment', async () => {
      const rival = await shop().newSeller();
      const theirs = await shop().offer(rival.token, { amount: 500 });
      const ours = await shop().offer(await shop().as('seller'), { amount: 300 });
      const buyer = await shop().newcomer();
      const lines = [theirs, ours].map(({ sku }, i) => ({ sku, quantity: i + 1 }));
      const done = bought(await shop().buy({ as: buyer.token, lines, path: '/api/v1/orders' }));
      expect([done.total.amount, done.order_ids.length]).toEqual([1_100, 2]);
      const payment = await shop().paymentOf(done.payment, buyer.token);
      expect(payment).toMatchObject({ status: 'captured', captured: { amount: 1_100 } });
      expect(new Map(payment.allocations.map((share) => [share.seller_id, share.amount]))).toEqual(
        new Map([
          [rival.userId, { amount: 500, currency: 'USD' }],
          ['demo-seller', { amount: 600, currency: 'USD' }],
        ]),
      );
    });

    test('what a basket costs is told before, line by line as it grows, and that is what it costs', async () => {
      const rival = await shop().newSeller();
      const theirs = await shop().offer(rival.token, { amount: 500 });
      const ours = await shop().offer(await shop().as('seller'), { amount: 300 });
      const lines = [theirs, ours].map(({ sku }, i) => ({ sku, quantity: i + 1 }));
      const quote = (some: typeof lines) =>
        shop()
          .client()
          .POST('/api/v1/quotes', { body: { lines: some, currency: 'USD' } });
      expect(taken(await quote(lines.slice(0, 1))).total.amount).toBe(500);
      const { total, orders } = taken(await quote(lines));
      expect(total).toEqual({ amount: 1_100, currency: 'USD' });
      expect(orders.map(({ seller_id, totals }) => [seller_id, totals.gross.amount])).toEqual([
        [rival.userId, 500],
        ['demo-seller', 600],
      ]);
      const buyer = await shop().newcomer();
      expect(bought(await shop().buy({ as: buyer.token, lines })).total).toEqual(total);
      expect(told(await quote([...lines, { sku: 'NOTHING', quantity: 1 }]))).toBe('422 not_for_sale');
    });

    test('ten times at once with one key: one order, equal answers; another body is refused', async () => {
      const buyer = await shop().newcomer();
      const { sku } = await shop().offer(await shop().as('seller'), { stock: 10 });
      const buy = (as: string, quantity = 1) => shop().buy({ as, lines: [{ sku, quantity }], key: 'the-one' });
      // 409 while the first request with the key is still running: ask again, as a client would.
      const insist = async () => {
        const answer = await buy(buyer.token);
        return answer.error?.code === 'request_in_progress' ? undefined : answer;
      };
      const answers = await Promise.all(Array.from({ length: 10 }, () => until(insist, { every: 100 })));
      expect(new Set(answers.map(told))).toEqual(new Set(['201']));
      expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
      await shop().stockBecomes(sku, { on_hand: 9, reserved: 0 });
      expect(told(await buy(buyer.token, 2))).toBe('422 idempotency_key_reused');
      expect(told(await buy((await shop().newcomer()).token))).toBe('201');
    });

    test('what was not for sale stays refused under its key, when it is on sale by now; another key buys it', async () => {
      const [as, seller] = [await shop().as('buyer'), await shop().as('seller')];
      const sku = `SOON-${Date.now()}`;
      const buy = (key: string) => shop().buy({ as, lines: [{ sku }], key });
      expect(told(await buy('too-soon'))).toBe('422 not_for_sale');
      await shop().offer(seller, { sku });
      expect(told(await buy('too-soon'))).toBe('422 not_for_sale');
      expect(told(await buy('in-time'))).toBe('201');
    });

    test('more than there is, twenty buyers for three: three get one, the rest are told', async () => {
      const { sku } = await shop().offer(await shop().as('seller'), { stock: 3 });
      const buyers = await Promise.all(Array.from({ length: 20 }, () => shop().newcomer()));
      const answers = await Promise.all(buyers.map(({ token }) => shop().buy({ as: token, lines: [{ sku }] })));
      expect(answers.map(told).sort()).toEqual([...Array(3).fill('201'), ...Array(17).fill('409 out_of_stock')]);
      await shop().stockBecomes(sku, { on_hand: 0, reserved: 0 });
    });

    test('a refused basket holds nothing: what was reserved before the empty shelf is back', async () => {
      const seller = await shop().as('seller');
      const [full, empty] = [await shop().offer(seller, { stock: 5 }), await shop().offer(seller, { stock: 1 })];
      const lines = [{ sku: full.sku }, { sku: empty.sku, quantity: 2 }];
      expect(refused(await shop().buy({ as: await shop().as('buyer'), lines }))).toMatchObject({
        status: 409,
        code: 'out_of_stock',
        details: { sku: empty.sku },
        checkout: { order_ids: [], payment_id: null },
      });
      await shop().stockBecomes(full.sku, { on_hand: 5, reserved: 0 });
    });

    test.each([
      ['tok_declined', 'card_declined'],
      ['tok_insufficient_funds', 'insufficient_funds'],
      ['tok_nonsense', 'invalid_token'],
    ])('%s: 402, the order cancelled, the stock back', async (pays, code) => {
      const [buyer, { sku }] = [await shop().newcomer(), await shop().offer(await shop().as('seller'), { stock: 1 })];
      const problem = refused(await shop().buy({ as: buyer.token, lines: [{ sku }], pays }));
      expect(problem).toMatchObject({ status: 402, code: 'payment_declined', details: { code } });
      const { payment_id, order_ids } = problem.checkout!;
      const payment = await shop().paymentOf(payment_id!, buyer.token);
      expect(payment).toMatchObject({ status: 'cancelled', captured: { amount: 0 }, failure: { code } });
      await shop().orderBecomes(order_ids[0]!, buyer.token, 'cancelled');
      await shop().stockBecomes(sku, { on_hand: 1, reserved: 0 });
    });

    test.each(['tok_timeout', 'tok_outage', 'tok_duplicate_webhook'])('%s: one charge all the same', async (pays) => {
      const buyer = await shop().newcomer();
      const { sku } = await shop().offer(await shop().as('seller'), { stock: 1 });
      const { payment } = bought(await shop().buy({ as: buyer.token, lines: [{ sku }], pays, wait: 30 }));
      const charges = await shop().sql('select status from sandbox.charges where payment_id = $1', [payment]);
      expect(charges).toEqual([{ status: 'captured' }]);
    });

    test('what is not for sale, no lines, no key: refused before anything happens', async () => {
      const as = await shop().as('buyer');
      const tried = async (lines: Line[]) => told(await shop().buy({ as, lines }));
      expect(await tried([{ sku: 'NOTHING' }])).toBe('422 not_for_sale');
      expect(await tried([])).toBe('400 validation_failed');
      // The typed client always sends a key.
      const body = { lines: [{ sku: 'TEA-1', quantity: 1 }], currency: 'USD', payment: { token: 'tok_success' } };
      const { status, json } = await shop().call('POST', '/checkouts', { as, key: '', body });
      expect([status, json.code]).toEqual([400, 'idempotency_key_missing']);
    });

    test('cash on delivery: confirmed, stock taken, nothing charged', async () => {
      const [buyer, { sku }] = [await shop().newcomer(), await shop().offer(await shop().as('seller'), { stock: 2 })];
      const body = { order_type: 'cash-on-delivery' } as const;
      const done = bought(await shop().buy({ as: buyer.token, lines: [{ sku }], pays: null, body }));
      expect([done.payment_id, done.links.orders]).toEqual([null, [`/api/v1/orders/${done.order}`]]);
      await shop().orderBecomes(done.order, buyer.token, 'confirmed');
      await shop().stockBecomes(sku, { on_hand: 1, reserved: 0 });
    });

    test('without Prefer the answer is a link, and the progress comes as events that go on where they were', async () => {
      const [buyer, { sku }] = [await shop().newcomer(), await shop().offer(await shop().as('seller'))];
      const accepted = await shop().buy({ as: buyer.token, lines: [{ sku }], wait: 0 });
      const { links } = taken(accepted);
      expect([told(accepted), accepted.response.headers.get('location')]).toEqual(['202', links.self]);
      // A stream is no matter of the typed client.
      const watch = (headers = {}) => shop().raw('GET', links.events, { as: buyer.token, headers });
      const stream = await watch();
      const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
      expect(stream.headers.get('content-type')).toContain('text/event-stream');
      expect(stream.text).toMatch(/event: completed\ndata: .+\n\n$/);
      expect(ids(stream.text)).toEqual([...ids(stream.text)].sort((a, b) => a - b));
      const last = ids(stream.text).at(-1)!;
      expect(ids((await watch({ 'last-event-id': String(last - 1) })).text)).toEqual([last]);
    });
  });
};
