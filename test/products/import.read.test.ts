/** Files as rows: what is understood, what is told of rows that are not, and which files cannot be read at all. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { ReadRow } from '../../actors/ports/imports.ts';
import { type Reading, readRows } from '../../adapters/http/import.read.ts';
import { minorUnits } from '../../domains/kernel/money.ts';
import { csvOf, fileRows, ndjsonOf } from '../kit/catalogue-file.ts';

/** In parts of `size` bytes, so that no row, cell or character begins where a part does. */
async function* inParts(text: string | Buffer, size: number): AsyncIterable<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const reading = (format: Reading['format'], more: Partial<Reading> = {}): Reading => ({
  format,
  limits: { bytes: 10_000_000, rows: 100_000 },
  minorUnits,
  digest: createHash('sha256'),
  badImage: (url) => (url.startsWith('https://images.example.com/') ? undefined : 'elsewhere'),
  ...more,
});
const read = async (text: string | Buffer, how = reading('csv'), size = 65_536): Promise<ReadRow[]> => {
  const rows: ReadRow[] = [];
  for await (const row of readRows(inParts(text, size), how)) rows.push(row);
  return rows;
};
const input = async (csv: string) => (await read(csv))[0]!.input;

describe('a CSV file', () => {
  test('with every column', async () => {
    const head =
      'external_id;SKU;Title;category;price;currency;price:JPY;stock;max_per_user;status;images;attribute:Material;variant:size';
    const line =
      'A-1;MUG-1;"Чайник ""Самовар""";kitchen > tea;19.99;USD;1999;7;3;published;https://images.example.com/1.jpg | https://images.example.com/2.jpg;латунь;XL';
    expect(await input(`\uFEFF${head}\r\n${line}\r\n`)).toEqual({
      externalId: 'A-1',
      title: 'Чайник "Самовар"',
      category: ['kitchen', 'tea'],
      attributes: [{ name: 'Material', value: 'латунь', searchable: true }],
      maxPerUser: 3,
      publish: true,
      images: ['1', '2'].map((n) => ({
        imageId: 'new',
        url: `https://images.example.com/${n}.jpg`,
        alt: '',
        type: 'full',
        primary: false,
      })),
      variants: [
        {
          sku: 'MUG-1',
          attributes: { size: 'XL' },
          prices: [
            { amount: 1_999, currency: 'USD' },
            { amount: 1_999, currency: 'JPY' },
          ],
        },
      ],
      stock: [{ sku: 'MUG-1', counted: 7 }],
    });
  });

  test('an empty cell says nothing', async () =>
    expect(await input('sku,title,description,stock,price:USD\nA,,,,\n')).toEqual({
      variants: [{ sku: 'A', prices: [] }],
      stock: [],
    }));

  test('is the same however it comes in parts, with titles in several scripts and line breaks in cells', async () => {
    const csv = csvOf(fileRows(200, 'F'));
    const whole = await read(csv);
    expect(whole).toHaveLength(200);
    expect(whole.every(({ errors }) => errors === undefined)).toBe(true);
    for (const size of [1, 7, 1_000]) expect(await read(csv, reading('csv'), size)).toEqual(whole);
  });

  test('names rows by the line on which they begin', async () => {
    const rows = await read('sku,title\nA,"two\nlines"\n\nB,"three\r\nmore\nlines"\nC,last');
    expect(rows.map(({ line, input }) => [line, input!.variants[0]!.sku])).toEqual([
      [2, 'A'],
      [5, 'B'],
      [8, 'C'],
    ]);
  });

  test.each([
    ['too few cells', 'A,Mug', 'row', 'wrong_number_of_cells'],
    ['too many cells', 'A,Mug,1,2,3', 'row', 'wrong_number_of_cells'],
    ['a price that is none', 'A,Mug,1,99,', 'price', 'not_an_amount'],
    ['more decimals than the currency has', 'A,Mug,1.999,', 'price', 'not_an_amount'],
    ['a negative price', 'A,Mug,-1,', 'price', 'not_an_amount'],
    ['no SKU', ',Mug,1,', 'variants.0.sku', 'invalid_type'],
    ['a bad SKU', '"a b",Mug,1,', 'variants.0.sku', 'invalid_format'],
    ['a short title', 'A,Mu,1,', 'title', 'too_small'],
    ['a stock that is none', 'A,Mug,1,many', 'variants.0.stock', 'invalid_type'],
    ['too much stock', 'A,Mug,1,1000001', 'variants.0.stock', 'too_big'],
    ['a character that cannot be stored', 'A,"Mu\u0000g",1,', 'row', 'not_storable'],
  ])('tells of a row with %s, and goes on', async (name, line, field, code) => {
    const csv = `sku,title,price:USD,stock\n${name === 'a price that is none' ? 'A,Mug,"1,99",' : line}\nB,Bowl,1,2\n`;
    const [bad, good] = await read(csv);
    expect(bad).toMatchObject({ line: 2, errors: [{ field, code }] });
    expect(good).toMatchObject({ line: 3, input: { title: 'Bowl' } });
  });

  test('refuses images from elsewhere', async () => {
    const [row] = await read('sku,image\nA,https://evil.example/1.jpg\n');
    expect(row!.errors).toMatchObject([{ field: 'images', code: 'image_host_not_allowed' }]);
  });

  test.each([
    ['unknown_columns', 'sku,colour\nA,red\n'],
    ['unknown_columns', 'sku,constructor\nA,x\n'],
    ['double_columns', 'sku,title,name,title\nA,b,c,d\n'],
    ['no_sku', 'title\nMug\n'],
    ['empty', 'sku,title\n'],
    ['empty', ''],
    ['not_utf8', Buffer.from([0x73, 0x6b, 0x75, 0x0a, 0xff, 0xfe, 0x0a])],
    ['quote_not_closed', 'sku,title\nA,"Mug\nB,Bowl\n'],
    ['max_record_size', `sku,title\nA,${'x'.repeat(300_000)}\n`],
  ])('cannot be read: %s', async (code, file) => expect(read(file)).rejects.toMatchObject({ code }));

  test('may end its lines in several ways, and still names each row by its own line', async () => {
    for (const file of ['sku,title\nA,Mug\r\nB,Bowl\rC,Jug\n\r', 'sku,title\r\nA,Mug\nB,Bowl\r\n\nC,Jug\r'])
      for (const size of [1, 7, 65_536]) {
        const rows = await read(file, reading('csv'), size);
        const found = rows.map(({ input }) => `${input!.variants[0]!.sku} ${input!.title}`);
        expect(found).toEqual(['A Mug', 'B Bowl', 'C Jug']);
        expect(rows.map(({ line }) => line)).toEqual(file.includes('\n\n') ? [2, 3, 5] : [2, 3, 4]);
      }
  });

  test.each([
    ['in the head', 'sku,ti\0tle\n', /unknown columns: ti\u2400tle/],
    ['without end', `sku,${'x'.repeat(70_000)}\n`, /^.{500}$/],
  ])('of which nothing can be told as it stands, %s, is told of in words that can be stored', (_, file, message) =>
    expect(read(file)).rejects.toMatchObject({ message: expect.stringMatching(message) }),
  );
});

describe('NDJSON', () => {
  const how = () => reading('ndjson');

  test('is the same however it comes in parts', async () => {
    const text = ndjsonOf(fileRows(100, 'N'));
    const whole = await read(text, how());
    expect(whole.filter(({ input }) => input !== undefined)).toHaveLength(100);
    for (const size of [1, 13])
      expect(await read(`\n${text}\n\n`, how(), size)).toEqual(whole.map((row) => ({ ...row, line: row.line + 1 })));
  });

  test('takes a whole product in a line', async () => {
    const variants = Array.from({ length: 50 }, (_, n) => ({
      sku: `S-${n}`,
      attributes: { n: `${n}` },
      prices: [{ amount: 5, currency: 'JPY', discount_percent: 12.5 }],
      stock: n,
    }));
    const [row] = await read(
      JSON.stringify({
        external_id: 'x',
        title: 'Tea',
        description: '茶'.repeat(20_480),
        max_per_user: 1,
        publish: true,
        variants,
      }),
      how(),
    );
    expect(row!.input).toMatchObject({
      externalId: 'x',
      publish: true,
      maxPerUser: 1,
      stock: [{ sku: 'S-0', counted: 0 }, ...Array(49).fill({})],
    });
    expect(row!.input!.variants[49]).toMatchObject({ sku: 'S-49', prices: [{ amount: 5, discount: 1_250 }] });
  });

  test.each([
    ['{"sku": "A"', 'row', 'malformed_json'],
    ['{"sku": "A", "sku": "B"}', 'row', 'malformed_json'],
    ['{"sku": "A", "title": "Mu\\u0000g"}', 'row', 'malformed_json'],
    ['[[[[[[[[[[[[[]]]]]]]]]]]]]', 'row', 'too_deep'],
    ['[1]', 'row', 'invalid_type'],
    ['{"title": "Mug"}', 'sku', 'custom'],
    ['{"sku": "A", "colour": "red"}', 'row', 'unrecognized_keys'],
    ['{"sku": "A", "price": {"amount": 1.5, "currency": "USD"}}', 'price.amount', 'invalid_type'],
  ])('tells of the line %s, and goes on', async (line, field, code) => {
    const [bad, good] = await read(`${line}\n{"sku": "B"}`, how());
    expect(bad).toMatchObject({ line: 1, errors: [{ field, code }] });
    expect(good).toMatchObject({ line: 2, input: { variants: [{ sku: 'B' }] } });
  });

  test('cannot be read when a line has no end', () =>
    expect(read(`{"sku": "${'x'.repeat(300_000)}`, how(), 1_000)).rejects.toMatchObject({
      code: 'row_too_long',
      line: 1,
    }));
});

describe('a file', () => {
  test('that is too large, or has too many rows, is read no further', async () => {
    let given = 0;
    async function* endless(): AsyncIterable<Buffer> {
      yield Buffer.from('sku\n');
      for (;;) {
        given += 1;
        yield Buffer.from('A\n'.repeat(1_000));
      }
    }
    const all = async (how: Reading) => {
      for await (const _ of readRows(endless(), how));
    };
    await expect(all(reading('csv', { limits: { bytes: 20_000, rows: 1e9 } }))).rejects.toMatchObject({
      code: 'too_large',
    });
    await expect(all(reading('csv', { limits: { bytes: 1e9, rows: 3_000 } }))).rejects.toMatchObject({
      code: 'too_many_rows',
    });
    expect(given).toBeLessThan(100);
  });

  test('is not read faster than its rows are taken', async () => {
    let given = 0;
    async function* endless(): AsyncIterable<Buffer> {
      yield Buffer.from('sku\n');
      for (;;) {
        given += 1;
        yield Buffer.from(`${'A'.repeat(60)}\n`.repeat(1_000));
      }
    }
    const rows = readRows(endless(), reading('csv', { limits: { bytes: 1e12, rows: 1e12 } }))[Symbol.asyncIterator]();
    for (let n = 0; n < 10; n += 1) await rows.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(given).toBeLessThan(20);
    await rows.return?.();
  });
});

test.each([
  ['19.99', 'USD', 1_999],
  ['19.9', 'USD', 1_990],
  ['19', 'JPY', 19],
  ['0.001', 'KWD', 1],
  ['10000000', 'KWD', 10_000_000_000],
  ['19.999', 'USD', undefined],
  ['1.5', 'JPY', undefined],
  ['1,5', 'USD', undefined],
  ['', 'USD', undefined],
  ['1e3', 'USD', undefined],
])('%s %s is %s', (decimal, currency, amount) => expect(minorUnits(decimal, currency)).toBe(amount));
