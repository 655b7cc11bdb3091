/** What an operator sees and mends without a database shell. */
import { describe, expect, test } from '@jest/globals';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

interface Actor {
  readonly path: string;
  readonly kind: string;
  readonly state: string;
  readonly children?: readonly Actor[];
}

/** An event that nobody can read, at the end of a context's log, as if an aggregate had written it. */
const poison = (context: string, type: string): string =>
  `with head as (update ${context}.log_head set position = position + 1 returning position)
  insert into ${context}.outbox_events (position, aggregate, sequence, type, body, metadata)
  select position, $1, $2, '${context}.${type}.v1', '{"broken":',
    '{"correlationId":"planted","causationId":"planted","at":"2026-01-01T00:00:00Z"}' from head
  returning position::int`;

export const operations = (shop: () => Shop): void => {
  const ops = async (path: string) => shop().get(`/ops${path}`, await shop().as('operator'));
  const act = async (path: string, body?: object) =>
    shop().call('POST', `/ops${path}`, { as: await shop().as('operator'), body });
  const flat = (actor: Actor): Actor[] => [actor, ...(actor.children ?? []).flatMap(flat)];

  describe('operations', () => {
    test('the tree of actors: regions, their instances, relays, consumers, sagas', async () => {
      await shop().buy({ as: await shop().as('buyer'), lines: [{ sku: 'TEA-1' }] });
      const tree = flat((await ops('/actors?depth=2')).json.data);
      const paths = tree.map(({ path }) => path);
      for (const path of [
        'inventory/inventory-item',
        'inventory/inventory-item/TEA-1',
        'orders/relay',
        'journal',
        'sagas/checkout',
      ])
        expect(paths).toContain(path);
      const branch = (await ops('/actors?branch=inventory/inventory-item&depth=1')).json.data.children;
      expect(branch).toMatchObject([{ path: 'inventory/inventory-item', kind: 'region', state: 'running' }]);
      expect((await shop().get('/ops/actors', await shop().as('buyer'))).status).toBe(403);
    });

    test('a saga with its steps; an open one is sent again, a closed one is not', async () => {
      const as = await shop().as('buyer');
      const done = (await shop().buy({ as, lines: [{ sku: 'TEA-1' }] })).json.data.checkout_id;
      const open = (await shop().buy({ as, lines: [{ sku: 'TEA-1' }], pays: 'tok_3ds' })).json.data.checkout_id;
      const seen = (await ops(`/sagas/checkout/${done}`)).json.data;
      expect(seen).toMatchObject({ stage: 'completed', closed: true });
      const steps = seen.steps.map(
        ({ step, state }: { step: string; state: string }) => `${step.split('/')[0]} ${state}`,
      );
      expect(steps).toEqual(
        expect.arrayContaining(['reserve accepted', 'authorise accepted', 'capture accepted', 'mark-paid accepted']),
      );
      const waiting = (await ops('/sagas?closed=false&stage=action-required')).json.data;
      expect(waiting.map(({ saga_id }: { saga_id: string }) => saga_id)).toContain(open);
      expect((await act(`/sagas/checkout/${open}/retry`)).status).toBe(200);
      expect((await act(`/sagas/checkout/${done}/retry`)).json.code).toBe('flow_closed');
      expect((await ops('/sagas/checkout/none')).status).toBe(404);
    });

    test('an event that cannot be digested is parked, replayed once it can be, or given up; others go on', async () => {
      const as = await shop().as('buyer');
      const bought = (await shop().buy({ as, lines: [{ sku: 'TEA-1' }] })).json.data.order_ids[0];
      await shop().reaches(`/orders/${bought}`, 'paid', as);
      const plant = async (sequence: number) =>
        (await shop().sql<{ position: number }>(poison('orders', 'order-paid'), [`order/${bought}`, sequence]))[0]!
          .position;
      const letter = (position: number) => `/dead-letters/order-view~orders~${position}`;
      const first = await plant(4);
      await until(async () => (await ops(letter(first))).status === 200, { what: 'the poison to be parked' });
      const second = await plant(5);
      await until(async () => (await ops(letter(second))).status === 200, { what: 'its successor to be parked' });
      const list = (await ops(`/dead-letters?consumer=order-view&key=${bought}`)).json;
      expect(list.data.map(({ position }: { position: number }) => position)).toEqual([second, first]);

      const other = await shop().buy({ as, lines: [{ sku: 'TEA-1' }] });
      await shop().reaches(`/orders/${other.json.data.order_ids[0]}`, 'paid', as);

      expect((await act(`${letter(first)}/replay`)).json.code).toBe('still_failing');
      expect((await act(`${letter(first)}/discard`, { reason: 'made by hand' })).status).toBe(200);
      expect((await ops(letter(first))).status).toBe(404);
      const at = '2026-01-01T00:00:00.000Z';
      const mended = JSON.stringify({ orderId: bought, from: 'paid', to: 'paid', by: 'hand', at });
      await shop().sql('update orders.dead_letters set body = $2 where position = $1', [second, mended]);
      expect((await act(`${letter(second)}/replay`)).status).toBe(200);
      expect((await ops('/dead-letters')).json.meta.total).toBe(0);
      expect((await shop().get(`/orders/${bought}`, as)).json.data.history.at(-1)).toMatchObject({ by: 'hand' });
    });

    test('a fact that cannot be read does not stop the purchases behind it', async () => {
      const planted = await shop().sql<{ position: number }>(poison('payments', 'payment-captured'), ['payment/p', 1]);
      const letter = `/dead-letters/checkout-flow~payments~${planted[0]!.position}`;
      await until(async () => (await ops(letter)).status === 200, { what: 'the poison to be parked' });
      expect((await shop().buy({ as: await shop().as('buyer'), lines: [{ sku: 'TEA-1' }] })).status).toBe(201);
      expect((await act(`${letter}/replay`)).json.code).toBe('still_failing');
      expect((await act(`${letter}/discard`, { reason: 'made by hand' })).status).toBe(200);
      expect((await ops('/dead-letters')).json.meta.total).toBe(0);
    });

    test('a webhook that nobody could take is seen, handled once somebody can, or given up', async () => {
      const as = await shop().as('buyer');
      const { payment_id: payment } = (await shop().buy({ as, lines: [{ sku: 'TEA-1' }] })).json.data;
      const plant = (id: string, paymentId: string) =>
        shop().sql(
          `insert into payments.webhook_events (provider, event_id, type, about, payment_id, tries, tried_at, parked_at, error)
           values ('sandbox', $1, 'charge.capture', 'payment', $2, 8, now(), now(), 'nobody can take it yet')`,
          [id, paymentId],
        );
      await Promise.all([plant('evt-known', payment), plant('evt-unknown', 'pay-unknown')]);
      const { data } = (await ops('/webhooks?gateway=sandbox&state=parked')).json;
      expect(data.map(({ event_id }: { event_id: string }) => event_id).sort()).toEqual(['evt-known', 'evt-unknown']);
      expect((await act('/webhooks/sandbox/evt-known/retry')).status).toBe(200);
      expect((await act('/webhooks/sandbox/evt-unknown/retry')).json.code).toBe('still_failing');
      expect((await act('/webhooks/sandbox/evt-unknown/discard', { reason: 'made by hand' })).status).toBe(200);
      expect((await act('/webhooks/sandbox/evt-none/retry')).status).toBe(404);
      expect((await ops('/webhooks?state=parked')).json.meta.total).toBe(0);
    });

    test('an instance that crashes again and again is put aside, and tries again when an operator says so', async () => {
      const seller = await shop().as('seller');
      const productId = 'broken';
      const path = `products/product/${productId}`;
      // A product that nobody has in memory yet, with a variant that the rules choke on.
      const copy = (table: string, key: string, changes: object) =>
        shop().sql(
          `insert into products.${table} select (jsonb_populate_record(t, $2)).* from products.${table} t where ${key} = $1`,
          ['demo-lamp', changes],
        );
      await copy('products', 'id', { id: productId });
      await copy('product_variants', 'product_id', { product_id: productId, sku: 'BROKEN' });
      await shop().sql("update products.product_variants set attributes = 'null' where product_id = $1", [productId]);
      const extend = (colour: string) =>
        shop().call('POST', `/products/${productId}/variants`, {
          as: seller,
          body: { sku: `${productId}-${colour}`, attributes: { colour }, prices: [{ amount: 1, currency: 'USD' }] },
        });
      for (let i = 0; i < 10; i += 1) expect([i, (await extend(`c${i}`)).status]).toEqual([i, 500]);
      const refused = await extend('late');
      expect([refused.status, refused.json.reason]).toEqual([503, 'quarantined']);
      const seen = (await ops(`/actors?branch=${path}&depth=2`)).json.data.children[0].children;
      expect(seen).toMatchObject([{ path, state: 'quarantined', restarts: 10 }]);

      const mended = `update products.product_variants set attributes = '{"colour":"none"}' where product_id = $1`;
      await shop().sql(mended, [productId]);
      expect((await act('/actors/revive', { path })).status).toBe(200);
      expect((await act('/actors/revive', { path })).json.code).toBe('not_quarantined');
      expect((await extend('late')).status).toBe(200);
    });

    test('every log is in its stream', async () => {
      await until(async () => {
        const { data } = (await ops('/outbox')).json;
        expect(data.length).toBeGreaterThan(5);
        return data.every(({ equal }: { equal: boolean }) => equal);
      });
    });

    test('alive, ready, and metrics on a listener of their own', async () => {
      expect((await shop().raw('GET', '/livez')).status).toBe(200);
      expect((await shop().raw('GET', '/readyz')).json.data.status).toBe('ready');
      expect((await shop().raw('GET', '/metrics')).status).toBe(404);
      const { text, headers } = await shop().metrics();
      expect(headers.get('content-type')).toContain('text/plain');
      const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
      for (const about of ['actor', 'journal', 'outbox', 'consumer', 'saga', 'outcall', 'http', 'process'])
        expect([about, families.some((name) => name.includes(about))]).toEqual([about, true]);
      expect(text).not.toMatch(/example\.com/);
    });

    test('the documents are served', async () => {
      expect((await shop().raw('GET', '/openapi.json')).json.openapi).toMatch(/^3\.1/);
      expect((await shop().raw('GET', '/docs')).text).toContain('swagger');
    });
  });
};
