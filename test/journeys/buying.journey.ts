/** Purchases, as buyers make them. */
import { describe, expect, test } from '@jest/globals';
import type { Received, Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

export const buying = (shop: () => Shop): void => {
  /** What the seller sees; the view follows within moments. */
  const stockIs = async (sku: string, wanted: { on_hand: number; reserved: number }) => {
    const seller = await shop().as('seller');
    await until(async () => {
      const { data } = (await shop().get(`/inventory/${sku}`, seller)).json;
      expect(data).toMatchObject(wanted);
      return true;
    });
  };
  const statusOf = async (id: string, as: string, wait = 20): Promise<string> =>
    (await shop().get(`/checkouts/${id}`, as, { prefer: `wait=${wait}` })).json.data.status;

  describe('buying', () => {
    test('one thing: paid, with a history, seen by buyer and seller', async () => {
      const [buyer, seller] = [await shop().newcomer(), await shop().as('seller')];
      const { sku } = await shop().offer(seller, { stock: 3, amount: 1_999 });
      const bought = await shop().buy({ as: buyer.token, lines: [{ sku, quantity: 2 }] });
      expect([bought.status, bought.json.data.total]).toEqual([201, { amount: 3_998, currency: 'USD' }]);
      expect(bought.headers.get('preference-applied')).toBe('wait=20');
      // At once, and without a word of the position: who is told that it is completed reads that it is paid.
      const order = (await shop().get(bought.headers.get('location')!.replace('/api/v1', ''), buyer.token)).json.data;
      expect(order.status).toBe('paid');
      expect(order.history.map(({ to }: { to: string }) => to)).toEqual(['created', 'confirmed', 'paid']);
      expect(order).toMatchObject({ seller_id: 'demo-seller', lines: [{ sku, quantity: 2 }] });
      await stockIs(sku, { on_hand: 1, reserved: 0 });
      const own = await shop().get(`/orders?checkout_id=${bought.json.data.checkout_id}`, buyer.token);
      const sold = await shop().get('/sellers/demo-seller/orders?status=paid', seller);
      expect(own.json.data).toEqual([order]);
      expect(sold.json.data).toContainEqual(order);
      expect((await shop().get(`/orders/${order.order_id}`, (await shop().newcomer()).token)).status).toBe(404);
    });

    test('several lines of several sellers: an order for each, one payment', async () => {
      const rival = await shop().newcomer();
      const roles = { roles: ['seller'] };
      await shop().call('PUT', `/users/${rival.userId}/roles`, { as: await shop().as('admin'), body: roles });
      const theirs = await shop().offer((await shop().login(rival.email)).token, { amount: 500 });
      const ours = await shop().offer(await shop().as('seller'), { amount: 300 });
      const buyer = await shop().newcomer();
      const lines = [theirs, ours].map(({ sku }, i) => ({ sku, quantity: i + 1 }));
      const { status, json } = await shop().buy({ as: buyer.token, lines, path: '/orders' });
      expect([status, json.data.total.amount, json.data.order_ids.length]).toEqual([201, 1_100, 2]);
      const payment = (await shop().get(`/payments/${json.data.payment_id}`, buyer.token)).json.data;
      expect(payment).toMatchObject({ status: 'captured', captured: { amount: 1_100 } });
      const shares = payment.allocations.map((share: { seller_id: string; amount: object }) => [
        share.seller_id,
        share.amount,
      ]);
      expect(new Map(shares)).toEqual(
        new Map([
          [rival.userId, { amount: 500, currency: 'USD' }],
          ['demo-seller', { amount: 600, currency: 'USD' }],
        ]),
      );
    });

    test('ten times at once with one key: one order, equal answers; another body is refused', async () => {
      const buyer = await shop().newcomer();
      const { sku } = await shop().offer(await shop().as('seller'), { stock: 10 });
      const once = () => shop().buy({ as: buyer.token, lines: [{ sku }], key: 'the-one' });
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => until(async () => notRunning(await once()), { every: 100 })),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1);
      await stockIs(sku, { on_hand: 9, reserved: 0 });
      const other = await shop().buy({ as: buyer.token, lines: [{ sku, quantity: 2 }], key: 'the-one' });
      expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused']);
      const neighbour = await shop().newcomer();
      expect((await shop().buy({ as: neighbour.token, lines: [{ sku }], key: 'the-one' })).status).toBe(201);
    });

    test('more than there is, twenty buyers for three: three get one, the rest are told', async () => {
      const { sku } = await shop().offer(await shop().as('seller'), { stock: 3 });
      const buyers = await Promise.all(Array.from({ length: 20 }, () => shop().newcomer()));
      const answers = await Promise.all(buyers.map(({ token }) => shop().buy({ as: token, lines: [{ sku }] })));
      const codes = answers.map(({ status, json }) => `${status} ${json.code ?? ''}`).sort();
      expect(codes).toEqual([...Array(3).fill('201 '), ...Array(17).fill('409 out_of_stock')]);
      await stockIs(sku, { on_hand: 0, reserved: 0 });
    });

    test('a refused basket holds nothing: what was reserved before the empty shelf is back', async () => {
      const seller = await shop().as('seller');
      const [full, empty] = [await shop().offer(seller, { stock: 5 }), await shop().offer(seller, { stock: 1 })];
      const lines = [{ sku: full.sku }, { sku: empty.sku, quantity: 2 }];
      const { status, json } = await shop().buy({ as: await shop().as('buyer'), lines });
      expect([status, json.code, json.details.sku]).toEqual([409, 'out_of_stock', empty.sku]);
      expect(json.checkout).toMatchObject({ order_ids: [], payment_id: null });
      await stockIs(full.sku, { on_hand: 5, reserved: 0 });
    });

    test.each([
      ['tok_declined', 'card_declined'],
      ['tok_insufficient_funds', 'insufficient_funds'],
      ['tok_nonsense', 'invalid_token'],
    ])('%s: 402, the order cancelled, the stock back', async (pays, code) => {
      const [buyer, { sku }] = [await shop().newcomer(), await shop().offer(await shop().as('seller'), { stock: 1 })];
      const { status, json } = await shop().buy({ as: buyer.token, lines: [{ sku }], pays });
      expect([status, json.code, json.details.code]).toEqual([402, 'payment_declined', code]);
      const payment = (await shop().get(`/payments/${json.checkout.payment_id}`, buyer.token)).json.data;
      expect(payment).toMatchObject({ status: 'cancelled', captured: { amount: 0 }, failure: { code } });
      await until(
        async () =>
          (await shop().get(`/orders/${json.checkout.order_ids[0]}`, buyer.token)).json.data.status === 'cancelled',
      );
      await stockIs(sku, { on_hand: 1, reserved: 0 });
    });

    test.each(['tok_timeout', 'tok_outage', 'tok_duplicate_webhook'])('%s: one charge all the same', async (pays) => {
      const buyer = await shop().newcomer();
      const { sku } = await shop().offer(await shop().as('seller'), { stock: 1 });
      const { status, json } = await shop().buy({ as: buyer.token, lines: [{ sku }], pays, wait: 30 });
      expect(status).toBe(201);
      const charges = await shop().sql('select status from sandbox.charges where payment_id = $1', [
        json.data.payment_id,
      ]);
      expect(charges).toEqual([{ status: 'captured' }]);
    });

    test('what is not for sale, no key: refused before anything happens', async () => {
      const as = await shop().as('buyer');
      const refused = async (what: Promise<Received>) => {
        const { status, json } = await what;
        return [status, json.code];
      };
      expect(await refused(shop().buy({ as, lines: [{ sku: 'NOTHING' }] }))).toEqual([422, 'not_for_sale']);
      expect(await refused(shop().buy({ as, lines: [{ sku: 'TEA-1' }], key: '' }))).toEqual([
        400,
        'idempotency_key_missing',
      ]);
      expect(await refused(shop().buy({ as, lines: [] }))).toEqual([400, 'validation_failed']);
    });

    test('cash on delivery: confirmed, stock taken, nothing charged', async () => {
      const [buyer, { sku }] = [await shop().newcomer(), await shop().offer(await shop().as('seller'), { stock: 2 })];
      const body = { order_type: 'cash-on-delivery' };
      const { status, json } = await shop().buy({ as: buyer.token, lines: [{ sku }], pays: null, body });
      expect([status, json.data.payment_id]).toEqual([201, null]);
      await until(
        async () =>
          (await shop().get(json.data.links.orders[0].replace('/api/v1', ''), buyer.token)).json.data.status ===
          'confirmed',
      );
      await stockIs(sku, { on_hand: 1, reserved: 0 });
    });

    test('without Prefer the answer is a link, and the progress comes as events that go on where they were', async () => {
      const [buyer, { sku }] = [await shop().newcomer(), await shop().offer(await shop().as('seller'))];
      const accepted = await shop().buy({ as: buyer.token, lines: [{ sku }], wait: 0 });
      expect([accepted.status, accepted.headers.get('location')]).toEqual([202, accepted.json.data.links.self]);
      const { links } = accepted.json.data;
      const stream = await shop().raw('GET', links.events, { as: buyer.token });
      const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
      expect(stream.headers.get('content-type')).toContain('text/event-stream');
      expect(stream.text).toMatch(/event: completed\ndata: .+\n\n$/);
      expect(ids(stream.text)).toEqual([...ids(stream.text)].sort((a, b) => a - b));
      const last = ids(stream.text).at(-1)!;
      const rest = await shop().raw('GET', links.events, {
        as: buyer.token,
        headers: { 'last-event-id': String(last - 1) },
      });
      expect(ids(rest.text)).toEqual([last]);
    });
  });

  describe('3-D Secure', () => {
    const challenged = async (body: object = {}) => {
      const buyer = await shop().newcomer();
      const { sku } = await shop().offer(await shop().as('seller'), { stock: 1 });
      const { status, json } = await shop().buy({ as: buyer.token, lines: [{ sku }], pays: 'tok_3ds', body });
      expect([status, json.data.status]).toEqual([202, 'action-required']);
      const url: string = json.data.next_action.url;
      const page = url.replace(/^https?:\/\/[^/]+/, '');
      expect(url).toBe(`http://localhost:${new URL(shop().url).port}${page}`);
      return { ...json.data, as: buyer.token, sku, page };
    };

    test('approved: paid, and the browser goes back to the shop', async () => {
      const back = 'https://shop.example/thanks';
      const { page, checkout_id, as, payment_id } = await challenged({ return_url: back });
      expect((await shop().raw('GET', page)).text).toContain('is this you?');
      expect((await shop().get(`/payments/${payment_id}`, as)).json.data.next_action.url).toContain(page);
      const approved = await shop().raw('POST', `${page}/approve`);
      expect([approved.status, approved.headers.get('location')]).toEqual([303, back]);
      expect(await statusOf(checkout_id, as)).toBe('completed');
    });

    test('denied: aborted, nothing charged, the stock back', async () => {
      const { page, checkout_id, as, sku } = await challenged();
      await shop().raw('POST', `${page}/deny`);
      expect(await statusOf(checkout_id, as)).toBe('aborted');
      await stockIs(sku, { on_hand: 1, reserved: 0 });
      expect((await shop().raw('POST', `${page}/approve`)).json.data.status).toBe('failed');
    });

    test('cancelled while it waits: aborted, and a late yes changes nothing', async () => {
      const { page, checkout_id, as, sku, payment_id } = await challenged();
      await stockIs(sku, { on_hand: 1, reserved: 1 });
      const cancel = () =>
        shop().call('POST', `/checkouts/${checkout_id}/cancel`, { as, body: { reason: 'too dear' } });
      expect((await cancel()).status).toBe(202);
      expect(await statusOf(checkout_id, as)).toBe('aborted');
      await shop().raw('POST', `${page}/approve`);
      await until(async () => (await shop().get(`/payments/${payment_id}`, as)).json.data.status === 'cancelled');
      await stockIs(sku, { on_hand: 1, reserved: 0 });
      expect((await cancel()).json.code).toBe('checkout_closed');
    });

    test('an order that waits for its payment is cancelled by its buyer', async () => {
      const { order_ids, as, checkout_id } = await challenged();
      const done = await shop().call('POST', `/orders/${order_ids[0]}/cancel`, {
        as,
        body: { reason: 'changed my mind' },
      });
      expect(done.status).toBe(200);
      await shop().call('POST', `/checkouts/${checkout_id}/cancel`, { as });
      expect(await statusOf(checkout_id, as)).toBe('aborted');
    });
  });
};

/** 409 while the first request with the key is still running: ask again, as a client would. */
const notRunning = (answer: Received): Received | undefined =>
  answer.json.code === 'request_in_progress' ? undefined : answer;
