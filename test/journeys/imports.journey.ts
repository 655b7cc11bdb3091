/** A seller's file: sent, watched, and told row by row. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Client } from 'undici';
import { csvOf, fileRows, ndjsonOf } from '../kit/catalogue-file.ts';
import { by, refused, taken, told } from '../kit/client.ts';
import { type SentFile, sendBytes, sendFile } from '../kit/files.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

interface Counts {
  readonly received: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
}
/** The views follow within moments. */
const soon = (check: () => Promise<void>) => until(() => check().then(() => true));
const counts = (of: Counts) => [of.received, of.created, of.updated, of.unchanged, of.refused];

export const imports = (shop: () => Shop): void => {
  const prefix = () => `I${randomUUID().slice(0, 6)}`;
  const send = (as: string, file: string, more: SentFile = {}) => sendFile(shop(), as, file, { wait: 20, ...more });
  const report = (as: string, id: string, query: { outcome?: 'refused'; per_page?: number } = {}) =>
    shop()
      .client(as)
      .GET('/api/v1/products/imports/{id}/report', { params: { path: { id }, query } });
  const bySku = async (sku: string, as?: string) =>
    taken(
      await shop()
        .client(as)
        .GET('/api/v1/products', { params: { query: { sku } } }),
    )[0];

  describe('an import', () => {
    test('makes products with prices in several currencies and their stock; again it changes nothing; then what differs', async () => {
      const seller = await shop().as('seller');
      const rows = fileRows(120, prefix());
      const first = await send(seller, csvOf(rows));
      expect([told(first), taken(first).status, counts(taken(first))]).toEqual([
        '200',
        'completed',
        [120, 120, 0, 0, 0],
      ]);
      expect(counts(taken(await send(seller, csvOf(rows))))).toEqual([120, 0, 0, 120, 0]);
      const changed = rows.map((row, n) => (n % 4 === 0 ? { ...row, usd: '7.77', stock: 5 } : row));
      const last = taken(await send(seller, csvOf(changed)));
      expect(counts(last)).toEqual([120, 0, 30, 90, 0]);
      const { product_id: id, status } = (await bySku(rows[0]!.sku))!;
      const jpy = Number(rows[0]!.jpy);
      await soon(async () => {
        const { title, attributes, variants } = await shop().productOf(id);
        expect([status, title, attributes[0]!.value]).toEqual(['published', rows[0]!.title, 'somewhere']);
        expect(variants[0]!.prices).toMatchObject([{ amount: jpy }, { currency: 'KWD' }, { amount: 777 }]);
      });
      await shop().stockBecomes(rows[0]!.sku, { on_hand: 5, reserved: 0 });
      await shop().stockBecomes(rows[1]!.sku, { on_hand: rows[1]!.stock, reserved: 0 });
      const history = taken(await shop().client(seller).GET('/api/v1/products/{id}/history', by(id)));
      expect(history[0]).toMatchObject({ change: 'price-updated', source: `${last.import_id}/2` });
      const price = { price: { amount: 888, currency: 'USD' } };
      const priced = await shop()
        .client(seller)
        .PATCH('/api/v1/products/{id}/price', { ...by(id), body: price });
      expect(told(priced)).toBe('200');
    });

    test('tells of every row what became of it; bad rows keep nobody else back', async () => {
      const seller = await shop().as('seller');
      const p = prefix();
      const file = [
        'external_id,sku,title,price:USD,stock,publish,variant:size',
        `${p},${p}-S,A shirt,19.99,4,yes,S`,
        `${p},${p}-M,,19.99,4,yes,M`,
        `${p},${p}-L,,nothing,4,yes,L`,
        `${p}-2,${p}-S,Another shirt,19.99,4,yes,`,
        `${p}-3,${p}-X,A hat,0.00,4,yes,`,
        `${p}-4,${p}-Y,,5,4,yes,`,
        `${p}-5,${p}-Z,A coat,,4,yes,`,
      ].join('\n');
      const done = taken(await send(seller, file));
      expect(counts(done)).toEqual([7, 1, 1, 0, 5]);
      const all = await report(seller, done.import_id);
      expect(taken(all).map(({ line, outcome, errors }) => [line, outcome, errors[0]?.code])).toEqual([
        [2, 'created', undefined],
        [3, 'updated', undefined],
        [4, 'refused', 'not_an_amount'],
        [5, 'refused', 'sku_taken'],
        [6, 'refused', 'price_out_of_range'],
        [7, 'refused', 'title_required'],
        [8, 'refused', 'price_missing'],
      ]);
      expect(all.data?.meta.total).toBe(7);
      const bad = await report(seller, done.import_id, { outcome: 'refused', per_page: 2 });
      expect([taken(bad).length, bad.data?.meta.total]).toEqual([2, 5]);
      expect((await bySku(`${p}-M`))?.skus).toEqual([`${p}-S`, `${p}-M`]);
      const nothing = { params: { path: { sku: `${p}-X` } } };
      expect(told(await shop().client().GET('/api/v1/inventory/{sku}', nothing))).toBe('404 not_found');
    });

    test('is known by its key: the same file goes on, another one is refused', async () => {
      const seller = await shop().as('seller');
      const [file, key] = [csvOf(fileRows(20, prefix())), randomUUID()];
      const first = taken(await send(seller, file, { key }));
      const again = await send(seller, file, { key });
      expect([told(again), taken(again)]).toEqual(['200', first]);
      expect(told(await send(seller, `${file}\n`, { key }))).toBe('422 idempotency_key_reused');
    });

    test('brings what was made by hand up to date, by its SKU', async () => {
      const seller = await shop().as('seller');
      const { sku, productId } = await shop().offer(seller, { stock: 3, amount: 500 });
      const row = { ...fileRows(1, 'x')[0]!, sku, title: 'Newly named', usd: '6.00', stock: 9 };
      const done = taken(await send(seller, ndjsonOf([row]), { type: 'application/x-ndjson' }));
      expect(counts(done)).toEqual([1, 0, 1, 0, 0]);
      expect(taken(await report(seller, done.import_id))).toMatchObject([{ product_id: productId }]);
      const wanted = { title: 'Newly named', from: [{ amount: 600 }] };
      await soon(async () => expect(await bySku(sku)).toMatchObject(wanted));
      await shop().stockBecomes(sku, { on_hand: 9, reserved: 0 });
    });

    test('of what belongs to another seller is refused row by row, and nobody else sees the report', async () => {
      const [seller, admin] = [await shop().as('seller'), await shop().as('admin')];
      const { sku } = await shop().offer(seller, { stock: 3 });
      const other = await shop().newcomer();
      const file = `sku,title,price:USD,stock\n${sku},Stolen goods,1,1000\n`;
      const done = taken(await send(admin, file, { seller: other.userId }));
      expect([done.seller_id, counts(done)]).toEqual([other.userId, [1, 0, 0, 0, 1]]);
      const id = done.import_id;
      expect(taken(await report(admin, id))).toMatchObject([{ errors: [{ code: 'sku_taken' }] }]);
      const stranger = shop().client(seller);
      expect(told(await stranger.GET('/api/v1/products/imports/{id}', by(id)))).toBe('404 not_found');
      expect(told(await report(seller, id))).toBe('404 not_found');
      expect(told(await stranger.GET('/api/v1/products/imports/{id}/events', by(id)))).toBe('404 not_found');
      expect(told(await send(other.token, file))).toBe('403 forbidden');
      expect((await shop().stockOf(sku)).on_hand).toBe(3);
    });

    test('of a file that cannot be read to its end does nothing at all', async () => {
      const seller = await shop().as('seller');
      const [p, key] = [prefix(), randomUUID()];
      const file = `sku,title,price:USD\n${p}-1,A mug,1\n${p}-2,"A bowl,1\n`;
      for (let n = 0; n < 2; n += 1) {
        const problem = refused(await send(seller, file, { key }));
        expect(problem).toMatchObject({ status: 422, code: 'import_quote_not_closed', line: 3 });
      }
      expect(await bySku(`${p}-1`, seller)).toBeUndefined();
      const columns = refused(await send(seller, 'sku,colour\nA,red\n'));
      expect([columns.code, columns.detail]).toEqual(['import_unknown_columns', expect.stringContaining('colour')]);
      for (const [text, type, code] of [
        ['x', 'application/json', 'unsupported_media_type'],
        ['', 'text/csv', 'import_empty'],
      ] as const)
        expect(await (await sendBytes(shop(), seller, text, { type })).json()).toMatchObject({ code });
    });

    test('that is refused early leaves the connection as it was: the next request on it is answered', async () => {
      const authorization = `Bearer ${await shop().as('seller')}`;
      const alone = new Client(shop().url, { headersTimeout: 5_000 });
      const post = async (head: string, more: Record<string, string> = {}) => {
        const headers = { authorization, 'content-type': 'text/csv', 'idempotency-key': randomUUID(), ...more };
        const body = head + '='.repeat(600_000);
        const answer = await alone.request({ method: 'POST', path: '/api/v1/products/import', headers, body });
        return [answer.statusCode, ((await answer.body.json()) as { code: string }).code];
      };
      try {
        expect(await post('"F-2","two\nlines",1,,\n')).toEqual([422, 'import_unknown_columns']);
        expect(await post('sk\0u\n')).toEqual([422, 'import_unknown_columns']);
        expect(await post('sku\n', { 'content-encoding': 'gzip' })).toEqual([415, 'unsupported_media_type']);
        const next = await alone.request({ method: 'GET', path: '/livez' });
        expect(next.statusCode).toBe(200);
        await next.body.dump();
      } finally {
        await alone.destroy();
      }
    });

    test('tells its progress as it goes, and from where it was', async () => {
      const seller = await shop().as('seller');
      const sent = await send(seller, csvOf(fileRows(1_200, prefix())), { wait: 0 });
      expect(told(sent)).toBe('202');
      const { import_id: id, links } = taken(sent);
      const events = async (headers = {}) => {
        // A stream is no matter of the typed client.
        const { text } = await shop().raw('GET', links.events, { as: seller, headers });
        return [...text.matchAll(/^id: (\d+)\nevent: (\w+)\ndata: (.*)$/gm)].map(([, n, event, data]) => ({
          id: Number(n),
          event,
          data: JSON.parse(data!),
        }));
      };
      const all = await events();
      expect(all.at(-1)).toMatchObject({ event: 'completed', data: { done: 1_200, created: 1_200 } });
      expect(all.map((one) => one.id)).toEqual(all.map((one) => one.id).toSorted((a, b) => a - b));
      expect(await events({ 'last-event-id': String(all.at(-1)!.id - 1) })).toEqual(all.slice(-1));
      expect(await events({ 'last-event-id': String(all.at(-1)!.id) })).toEqual([]);
      const newest = { params: { query: { per_page: 1 } } };
      const list = taken(await shop().client(seller).GET('/api/v1/products/imports', newest));
      expect(list).toMatchObject([{ import_id: id }]);
      const now = await shop().client(seller).GET('/api/v1/products/imports/{id}', by(id));
      expect(taken(now).status).toBe('completed');
    });
  });
};
