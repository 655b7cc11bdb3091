/** A seller's file: sent, watched, and told row by row. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { csvOf, fileRows, ndjsonOf } from '../kit/catalogue-file.ts';
import { sendFile } from '../kit/files.ts';
import type { Shop } from '../kit/shop.ts';

export const imports = (shop: () => Shop): void => {
  const prefix = () => `I${randomUUID().slice(0, 6)}`;
  const send = (as: string, file: string, more: Partial<Parameters<typeof sendFile>[2]> = {}) =>
    sendFile(shop().url, as, { file, wait: 20, ...more });
  const counts = ({ data }: { data: Record<string, number> }) =>
    ['received', 'created', 'updated', 'unchanged', 'refused'].map((name) => data[name]);
  const report = async (as: string, id: string, query = '') =>
    (await shop().get(`/products/imports/${id}/report${query}`, as)).json;
  const bySku = async (sku: string, as?: string) => (await shop().get(`/products?sku=${sku}`, as)).json.data[0];

  describe('an import', () => {
    test('makes products with prices in several currencies and their stock; again it changes nothing; then what differs', async () => {
      const seller = await shop().as('seller');
      const rows = fileRows(120, prefix());
      const first = await send(seller, csvOf(rows));
      expect([first.status, first.json.data.status, counts(first.json)]).toEqual([
        200,
        'completed',
        [120, 120, 0, 0, 0],
      ]);
      expect(counts((await send(seller, csvOf(rows))).json)).toEqual([120, 0, 0, 120, 0]);
      const changed = rows.map((row, n) => (n % 4 === 0 ? { ...row, usd: '7.77', stock: 5 } : row));
      const last = await send(seller, csvOf(changed));
      expect(counts(last.json)).toEqual([120, 0, 30, 90, 0]);
      const { product_id: id, status } = await bySku(rows[0]!.sku);
      const { data } = (await shop().get(`/products/${id}`)).json;
      expect([status, data.title, data.attributes[0].value]).toEqual(['published', rows[0]!.title, 'somewhere']);
      expect(data.variants[0].prices).toMatchObject([
        { amount: Number(rows[0]!.jpy) },
        { currency: 'KWD' },
        { amount: 777 },
      ]);
      expect((await shop().get(`/inventory/${rows[0]!.sku}`, seller)).json.data.on_hand).toBe(5);
      expect((await shop().get(`/inventory/${rows[1]!.sku}`, seller)).json.data.on_hand).toBe(rows[1]!.stock);
      const history = await shop().get(`/products/${id}/history`, seller);
      expect(history.json.data[0]).toMatchObject({ change: 'price-updated', source: `${last.json.data.import_id}/2` });
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
      const { data } = (await send(seller, file)).json;
      expect(counts({ data })).toEqual([7, 1, 1, 0, 5]);
      const { data: lines, meta } = await report(seller, data.import_id);
      expect(
        lines.map(({ line, outcome, errors }: { line: number; outcome: string; errors: { code: string }[] }) => [
          line,
          outcome,
          errors[0]?.code,
        ]),
      ).toEqual([
        [2, 'created', undefined],
        [3, 'updated', undefined],
        [4, 'refused', 'not_an_amount'],
        [5, 'refused', 'sku_taken'],
        [6, 'refused', 'price_out_of_range'],
        [7, 'refused', 'title_required'],
        [8, 'refused', 'price_missing'],
      ]);
      expect(meta.total).toBe(7);
      expect((await report(seller, data.import_id, '?outcome=refused&per_page=2')).meta.total).toBe(5);
      expect((await bySku(`${p}-M`)).skus).toEqual([`${p}-S`, `${p}-M`]);
      expect((await shop().get(`/inventory/${p}-X`)).status).toBe(404);
    });

    test('is known by its key: the same file goes on, another one is refused', async () => {
      const seller = await shop().as('seller');
      const [file, key] = [csvOf(fileRows(20, prefix())), randomUUID()];
      const first = await send(seller, file, { key });
      const again = await send(seller, file, { key });
      expect([again.status, again.json.data]).toEqual([200, first.json.data]);
      const other = await send(seller, `${file}\n`, { key });
      expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused']);
    });

    test('brings what was made by hand up to date, by its SKU', async () => {
      const seller = await shop().as('seller');
      const { sku, productId } = await shop().offer(seller, { stock: 3, amount: 500 });
      const done = await send(
        seller,
        ndjsonOf([{ ...fileRows(1, 'x')[0]!, sku, title: 'Newly named', usd: '6.00', stock: 9 }]),
        { type: 'application/x-ndjson' },
      );
      expect(counts(done.json)).toEqual([1, 0, 1, 0, 0]);
      expect((await report(seller, done.json.data.import_id)).data[0].product_id).toBe(productId);
      expect(await bySku(sku)).toMatchObject({ title: 'Newly named', from: [{ amount: 600 }] });
      expect((await shop().get(`/inventory/${sku}`, seller)).json.data.on_hand).toBe(9);
    });

    test('of what belongs to another seller is refused row by row, and nobody else sees the report', async () => {
      const [seller, admin] = [await shop().as('seller'), await shop().as('admin')];
      const { sku } = await shop().offer(seller, { stock: 3 });
      const { userId } = await shop().newcomer();
      const file = `sku,title,price:USD,stock\n${sku},Stolen goods,1,1000\n`;
      const sent = await send(admin, file, { query: `?seller_id=${userId}` });
      expect([sent.json.data.seller_id, counts(sent.json)]).toEqual([userId, [1, 0, 0, 0, 1]]);
      const path = `/products/imports/${sent.json.data.import_id}`;
      expect((await report(admin, sent.json.data.import_id)).data[0].errors[0].code).toBe('sku_taken');
      for (const verb of ['', '/report', '/events']) expect((await shop().get(path + verb, seller)).status).toBe(404);
      const buyer = await shop().newcomer();
      expect((await send(buyer.token, file)).status).toBe(403);
      expect((await shop().get(`/inventory/${sku}`, seller)).json.data.on_hand).toBe(3);
    });

    test('of a file that cannot be read to its end does nothing at all', async () => {
      const seller = await shop().as('seller');
      const [p, key] = [prefix(), randomUUID()];
      const file = `sku,title,price:USD\n${p}-1,A mug,1\n${p}-2,"A bowl,1\n`;
      for (let n = 0; n < 2; n += 1) {
        const bad = await send(seller, file, { key });
        expect([bad.status, bad.json.code, bad.json.line]).toEqual([422, 'import_quote_not_closed', 3]);
      }
      expect(await bySku(`${p}-1`, seller)).toBeUndefined();
      const columns = await send(seller, 'sku,colour\nA,red\n');
      expect([columns.json.code, columns.json.detail]).toEqual([
        'import_unknown_columns',
        expect.stringContaining('colour'),
      ]);
      expect((await send(seller, 'x', { type: 'application/json' })).json.code).toBe('unsupported_media_type');
      expect((await send(seller, '')).json.code).toBe('import_empty');
    });

    test('tells its progress as it goes, and from where it was', async () => {
      const seller = await shop().as('seller');
      const sent = await send(seller, csvOf(fileRows(1_200, prefix())), { wait: 0 });
      expect(sent.status).toBe(202);
      const events = async (headers = {}) => {
        const { text } = await shop().get(`/products/imports/${sent.json.data.import_id}/events`, seller, headers);
        return [...text.matchAll(/^id: (\d+)\nevent: (\w+)\ndata: (.*)$/gm)].map(([, id, event, data]) => ({
          id: Number(id),
          event,
          data: JSON.parse(data!),
        }));
      };
      const all = await events();
      expect(all.at(-1)).toMatchObject({ event: 'completed', data: { done: 1_200, created: 1_200 } });
      expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => a - b));
      expect(await events({ 'last-event-id': String(all.at(-1)!.id - 1) })).toEqual(all.slice(-1));
      expect(await events({ 'last-event-id': String(all.at(-1)!.id) })).toEqual([]);
      const { json } = await shop().get('/products/imports?per_page=1', seller);
      expect(json.data[0].import_id).toBe(sent.json.data.import_id);
      expect((await shop().get(`/products/imports/${sent.json.data.import_id}`, seller)).json.data.status).toBe(
        'completed',
      );
    });
  });
};
