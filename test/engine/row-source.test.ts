/** Rows on their way into a statement arrive as they were sent, whichever way they take. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Field, type RowData, rowSource } from '../../adapters/postgres/row-source.ts';
import { databaseUrl, withClient } from '../kit/servers.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((any) => any.replaceAll('\0', '')),
  fc.constantFrom('', 'NULL', '{}', '"', '\\', 'a,b', '{"a": "b\\"c"}', "o'clock", 'чай 茶', '🫖', ' '),
);
const fields: readonly (Field & { readonly of: fc.Arbitrary<unknown> })[] = [
  { property: 'productId', type: 'text', of: text },
  { property: 'ordinal', type: 'int', of: fc.integer({ min: -5, max: 2 ** 31 - 1 }) },
  { property: 'amount', type: 'bigint', of: fc.maxSafeInteger() },
  { property: 'isThere', type: 'boolean', of: fc.boolean() },
  {
    property: 'at',
    type: 'timestamptz(6)',
    of: fc.integer({ min: 0, max: 4e12 }).map((ms) => new Date(ms).toISOString()),
  },
  { property: 'words', type: 'text[]', of: fc.array(text, { maxLength: 5 }) },
  { property: 'whole', type: 'json', of: fc.dictionary(text, text, { maxKeys: 3 }) },
  { property: 'parts', type: 'jsonb', of: fc.array(fc.record({ a: text, b: fc.integer() }), { maxLength: 3 }) },
];
/** Anything but the first one may be missing. */
const row: fc.Arbitrary<RowData> = fc
  .tuple(...fields.map(({ of }, i) => (i === 0 ? of : fc.option(of))))
  .map((values) => Object.fromEntries(fields.map(({ property }, i) => [property, values[i]])));

/** With as many more columns as make the rows wide. */
const wide: readonly Field[] = [...fields, ...['x', 'y', 'z'].map((property) => ({ property, type: 'text' }))];

test.each([
  ['an array a column', fields],
  ['one JSON text', wide],
])('as %s', (_, sent) =>
  withClient(databaseUrl(), async (client) => {
    const source = rowSource(sent, false);
    const values = (rows: readonly RowData[]) => source.values(rows);
    const params = values([]).map((__, i) => `$${i + 1}`);
    expect(params).toHaveLength(sent === fields ? fields.length : 1);
    const said = `select "productId", "ordinal", "amount"::float8 as "amount", "isThere",
      to_char("at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "at", "words", "whole", "parts"
      from ${source.text(params)}`;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 4 }), async (rows) => {
        expect((await client.query(said, [...values(rows)])).rows).toEqual(rows);
      }),
      { numRuns: 200 },
    );
  }),
);

test('the text of a vector becomes a vector', () =>
  withClient(databaseUrl(), async (client) => {
    const source = rowSource([{ property: 'vector', type: 'tsvector' }], true);
    const [values] = [source.values([{ vector: `'tea':1A,4D 'чай':2B` }])];
    const { rows } = await client.query(
      `select "vector" @@ 'чай:*'::tsquery as found, length("vector") from ${source.text(['$1'])}`,
      [...values],
    );
    expect(rows).toEqual([{ found: true, length: 2 }]);
  }));
