/** What an operator sees and mends without a database shell. */
import { describe, expect, test } from '@jest/globals';
import type { operations as Operations } from '../../contracts/client.v1.d.ts';
import { by, refused, taken, told } from '../kit/client.ts';
import { bought, challenged } from '../kit/purchases.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

type Answer = Operations['getOpsActors']['responses'][200]['content']['application/json'];
type Actor = Answer['data'];

/** An event that nobody can read, at the end of a context's log, as if an aggregate had written it. */
const poison = (context: string, type: string): string =>
  `with head as (update ${context}.log_head set position = position + 1 returning position)
  insert into ${context}.outbox_events (position, aggregate, sequence, type, body, metadata)
  select position, $1, $2, '${context}.${type}.v1', '{"broken":',
    '{"correlationId":"planted","causationId":"planted","at":"2026-01-01T00:00:00Z"}' from head
  returning position::int`;

export const operations = (shop: () => Shop): void => {
  const operator = async () => shop().client(await shop().as('operator'));
  const buyTea = async (pays?: string) => shop().buy({ as: await shop().as('buyer'), lines: [{ sku: 'TEA-1' }], pays });
  const treeOf = async (query: { branch?: string; depth?: number }) =>
    taken(await (await operator()).GET('/api/v1/ops/actors', { params: { query } }));
  const flat = (actor: Actor): Actor[] => [actor, ...(actor.children ?? []).flatMap(flat)];

  /** The dead letter of an event, once it is parked. */
  const parked = async (id: string) => {
    const as = await operator();
    const look = async () => told(await as.GET('/api/v1/ops/dead-letters/{id}', by(id)));
    await until(async () => (await look()) === '200', { what: 'the poison to be parked' });
    return {
      look,
      replay: async () => told(await as.POST('/api/v1/ops/dead-letters/{id}/replay', by(id))),
      discard: async () => {
        const body = { reason: 'made by hand' };
        return told(await as.POST('/api/v1/ops/dead-letters/{id}/discard', { ...by(id), body }));
      },
    };
  };
  const lettersLeft = async () => (await (await operator()).GET('/api/v1/ops/dead-letters')).data?.meta.total;

  describe('operations', () => {
    test('the tree of actors: regions, their instances, relays, consumers, sagas', async () => {
      await buyTea();
      const paths = flat(await treeOf({ depth: 2 })).map(({ path }) => path);
      for (const path of [
        'inventory/inventory-item',
        'inventory/inventory-item/TEA-1',
        'orders/relay',
        'journal',
        'sagas/checkout',
      ])
        expect(paths).toContain(path);
      const branch = (await treeOf({ branch: 'inventory/inventory-item', depth: 1 })).children;
      expect(branch).toMatchObject([{ path: 'inventory/inventory-item', kind: 'region', state: 'running' }]);
      const buyer = shop().client(await shop().as('buyer'));
      expect(told(await buyer.GET('/api/v1/ops/actors'))).toBe('403 forbidden');
    });

    test('a saga with its steps; an open one is sent again, a closed one is not', async () => {
      const as = await operator();
      const done = bought(await buyTea()).checkout_id;
      const open = challenged(await buyTea('tok_3ds')).checkout_id;
      const saga = (id: string) => ({ params: { path: { flow: 'checkout', id } } });
      const seen = taken(await as.GET('/api/v1/ops/sagas/{flow}/{id}', saga(done)));
      expect(seen).toMatchObject({ stage: 'completed', closed: true });
      expect(seen.steps.map(({ step, state }) => `${step.split('/')[0]} ${state}`)).toEqual(
        expect.arrayContaining(['reserve accepted', 'authorise accepted', 'capture accepted', 'mark-paid accepted']),
      );
      const query = { closed: false, stage: 'action-required' };
      const waiting = taken(await as.GET('/api/v1/ops/sagas', { params: { query } }));
      expect(waiting.map(({ saga_id }) => saga_id)).toContain(open);
      const retry = async (id: string) => told(await as.POST('/api/v1/ops/sagas/{flow}/{id}/retry', saga(id)));
      expect([await retry(open), await retry(done)]).toEqual(['200', '409 flow_closed']);
      expect(told(await as.GET('/api/v1/ops/sagas/{flow}/{id}', saga('none')))).toBe('404 not_found');
    });

    test('an event that cannot be digested is parked, replayed once it can be, or given up; others go on', async () => {
      const as = await shop().as('buyer');
      const { order } = bought(await buyTea());
      await shop().orderBecomes(order, as, 'paid');
      const plant = async (sequence: number) => {
        const values = [`order/${order}`, sequence];
        const [planted] = await shop().sql<{ position: number }>(poison('orders', 'order-paid'), values);
        return { at: planted!.position, ...(await parked(`order-view~orders~${planted!.position}`)) };
      };
      const first = await plant(4);
      const second = await plant(5);
      const query = { consumer: 'order-view', key: order };
      const list = taken(await (await operator()).GET('/api/v1/ops/dead-letters', { params: { query } }));
      expect(list.map(({ position }) => position)).toEqual([second.at, first.at]);
      await shop().orderBecomes(bought(await buyTea()).order, as, 'paid');

      expect([await first.replay(), await first.discard()]).toEqual(['409 still_failing', '200']);
      expect(await first.look()).toBe('404 not_found');
      const at = '2026-01-01T00:00:00.000Z';
      const mended = JSON.stringify({ orderId: order, from: 'paid', to: 'paid', by: 'hand', at });
      await shop().sql('update orders.dead_letters set body = $2 where position = $1', [second.at, mended]);
      expect([await second.replay(), await lettersLeft()]).toEqual(['200', 0]);
      expect((await shop().orderOf(order, as)).history.at(-1)).toMatchObject({ by: 'hand' });
    });

    test('a fact that cannot be read does not stop the purchases behind it', async () => {
      const values = ['payment/p', 1];
      const [planted] = await shop().sql<{ position: number }>(poison('payments', 'payment-captured'), values);
      const letter = await parked(`checkout-flow~payments~${planted!.position}`);
      expect(told(await buyTea())).toBe('201');
      expect([await letter.replay(), await letter.discard()]).toEqual(['409 still_failing', '200']);
      expect(await lettersLeft()).toBe(0);
    });

    test('a webhook that nobody could take is seen, handled once somebody can, or given up', async () => {
      const { payment } = bought(await buyTea());
      const plant = (id: string, paymentId: string) =>
        shop().sql(
          `insert into payments.webhook_events (provider, event_id, type, about, payment_id, tries, tried_at, parked_at, error)
           values ('sandbox', $1, 'charge.capture', 'payment', $2, 8, now(), now(), 'nobody can take it yet')`,
          [id, paymentId],
        );
      await Promise.all([plant('evt-known', payment), plant('evt-unknown', 'pay-unknown')]);
      const as = await operator();
      const waiting = () =>
        as.GET('/api/v1/ops/webhooks', { params: { query: { gateway: 'sandbox', state: 'parked' } } });
      const ids = taken(await waiting()).map(({ event_id }) => event_id);
      expect(ids.sort()).toEqual(['evt-known', 'evt-unknown']);
      const webhook = (id: string) => ({ params: { path: { gateway: 'sandbox', id } } });
      const retry = async (id: string) => told(await as.POST('/api/v1/ops/webhooks/{gateway}/{id}/retry', webhook(id)));
      expect([await retry('evt-known'), await retry('evt-unknown')]).toEqual(['200', '409 still_failing']);
      const given = { ...webhook('evt-unknown'), body: { reason: 'made by hand' } };
      expect(told(await as.POST('/api/v1/ops/webhooks/{gateway}/{id}/discard', given))).toBe('200');
      expect(await retry('evt-none')).toMatch(/^404/);
      expect((await waiting()).data?.meta.total).toBe(0);
    });

    test('an instance that crashes again and again is put aside, and tries again when an operator says so', async () => {
      const seller = shop().client(await shop().as('seller'));
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
      const prices = [{ amount: 1, currency: 'USD' }];
      const extend = (colour: string) =>
        seller.POST('/api/v1/products/{id}/variants', {
          ...by(productId),
          body: { sku: `${productId}-${colour}`, attributes: { colour }, prices },
        });
      for (let i = 0; i < 10; i += 1) expect([i, told(await extend(`c${i}`))]).toEqual([i, '500 internal_error']);
      expect(refused(await extend('late'))).toMatchObject({ status: 503, reason: 'quarantined' });
      const seen = (await treeOf({ branch: path, depth: 2 })).children?.[0]?.children;
      expect(seen).toMatchObject([{ path, state: 'quarantined', restarts: 10 }]);

      const mended = `update products.product_variants set attributes = '{"colour":"none"}' where product_id = $1`;
      await shop().sql(mended, [productId]);
      const revive = async () => told(await (await operator()).POST('/api/v1/ops/actors/revive', { body: { path } }));
      expect([await revive(), await revive()]).toEqual(['200', '409 not_quarantined']);
      expect(told(await extend('late'))).toBe('200');
    });

    test('a moment that no database knows is a mistake of the caller', async () => {
      const as = await shop().as('admin');
      for (const moment of ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00%2B05:00', '9999-12-31T23:59:59-05:00'])
        for (const path of ['/admin/audit?from=', '/admin/audit?to=', '/ledger/accounts?as_of='])
          expect([path, moment, (await shop().call('GET', path + moment, { as })).status]).toEqual([path, moment, 400]);
      const run = { as, body: { since: '0000-01-01T00:00:00Z' } };
      expect((await shop().call('POST', '/admin/reconciliation/runs', run)).status).toBe(400);
    });

    test('every log is in its stream', async () => {
      await shop().allPublished();
    });

    test('alive, ready, and metrics on a listener of their own', async () => {
      const nobody = shop().client();
      expect(taken(await nobody.GET('/livez')).status).toBe('live');
      expect(taken(await nobody.GET('/readyz')).status).toBe('ready');
      // Nothing that the document knows of.
      expect((await shop().raw('GET', '/metrics')).status).toBe(404);
      const { text, headers } = await shop().metrics();
      expect(headers.get('content-type')).toContain('text/plain');
      const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
      for (const about of ['actor', 'journal', 'outbox', 'consumer', 'saga', 'outcall', 'http', 'process'])
        expect([about, families.some((name) => name.includes(about))]).toEqual([about, true]);
      expect(text).not.toMatch(/example\.com/);
    });

    test('the documents are served', async () => {
      // The document does not document itself.
      expect((await shop().raw('GET', '/openapi.json')).json.openapi).toMatch(/^3\.1/);
      expect((await shop().raw('GET', '/docs')).text).toContain('swagger');
    });
  });
};
