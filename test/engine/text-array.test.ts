import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { textArray } from '../../adapters/postgres/text-array.ts';
import { databaseUrl } from '../kit/servers.ts';

const client = new Client({ connectionString: databaseUrl() });
beforeAll(() => client.connect());
afterAll(() => client.end());

const sentAndRead = async (texts: readonly (string | null)[]) =>
  (await client.query('select array(select * from unnest($1::text[])) as texts', [textArray(texts)])).rows[0].texts;

test.each([
  ['nothing', []],
  ['nulls and empty texts', [null, '', null]],
  ['what JSON and SQL would escape', ['"', '\\', '{a,b}', "it's", 'NULL', '\n\t', '{"a":"\\u0001"}']],
  ['every width of UTF-8', ['a', 'ß', '€', '𝄞', 'Föhr 전통 נר']],
  ['more than there was room for', Array.from({ length: 2_000 }, (_, i) => `${i} ${'€'.repeat(i % 100)}`)],
])('%s arrives as it was sent', async (_, texts) => {
  expect(await sentAndRead(texts)).toEqual(texts);
});
