/** Values as the OpenAPI document wants them, and as it does not. */
import fc from 'fast-check';

export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
}

/** What makes a request get further than the schemas, by the field's name. */
const KNOWN: Readonly<Record<string, readonly unknown[]>> = {
  sku: ['LAMP-1', 'TEA-1', 'SHIRT-M-SAND', 'FUZZ-1'],
  currency: ['USD', 'JPY', 'KWD'],
  token: ['tok_success', 'tok_declined', 'tok_3ds'],
  email: ['fuzz@example.com', 'victim@example.com'],
  password: ['Fuzz-1234'],
  current_password: ['Fuzz-1234'],
  new_password: ['Fuzz-1234'],
  quantity: [1, 2],
  url: ['https://images.example/a.png'],
  return_url: ['https://shop.example/thanks'],
  starts_at: ['2030-01-01T00:00:00.000Z'],
  ends_at: ['2030-01-02T00:00:00.000Z'],
  country: ['DE'],
  category: [['home']],
};

export const WEIRD_TEXTS: readonly string[] = [
  ...['', ' ', '\t\r\n', '.', '..', '../../etc/passwd', '%00', '%', '%zz', '"', "'; drop table accounts.users; --"],
  ...['<script>alert(1)</script>', '{{7*7}}', '\\u0000', '\u202e', '\ufeff', '\u{1F600}', '\ud83d', 'ﷺ'],
  ...['__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', 'true', '-1', '1e999', '0x10', '1,2', 'a\nb'],
  ...['x'.repeat(300), 'x'.repeat(5_000), '2026-13-45T99:99:99Z', 'javascript:alert(1)', 'http://169.254.169.254/'],
];
const WEIRD: readonly unknown[] = [
  ...WEIRD_TEXTS,
  ...[null, true, false, 0, -0, -1, 0.1, 1e21, -1e308, 2 ** 53, 2 ** 31],
  ...[[], {}, [[]], [null], { length: 1e9 }, { toString: 1 }, JSON.parse('{"__proto__": {"admin": true}}')],
  ...[Array(500).fill(0), Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i]))],
];
const weird = fc.constantFrom(...WEIRD);

const ofOurTimes = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
/** Sound to ISO 8601; whether a database knows them is another matter. */
const EDGES_OF_TIME: readonly string[] = [
  ...['0000-01-01T00:00:00Z', '0000-01-01T00:00:00+05:00', '0001-01-01T00:00:00+05:00', '0001-01-01T00:00:00Z'],
  ...['9999-12-31T23:59:59Z', '9999-12-31T23:59:59-05:00', '1970-01-01T00:00:00Z', '2026-03-01T00:30+14:00'],
];
const textOf = ({ format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> => {
  if (format === 'email') return fc.emailAddress();
  if (format === 'date-time') return fc.oneof(ofOurTimes, fc.constantFrom(...EDGES_OF_TIME));
  if (format === 'date')
    return fc.oneof(ofOurTimes, fc.constantFrom(...EDGES_OF_TIME)).map((text) => text.slice(0, 10));
  if (format === 'uri') return fc.webUrl();
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)), unit: 'grapheme' });
};
const numberOf = ({ type, minimum = 0, maximum = 1_000_000 }: Schema): fc.Arbitrary<number> =>
  type === 'integer' ? fc.integer({ min: minimum, max: Math.min(maximum, 2 ** 31 - 1) }) : fc.double({ noNaN: true });

const objectOf = (schema: Schema, spoil: number): fc.Arbitrary<unknown> => {
  const { properties = {}, required = [], additionalProperties } = schema;
  const fields = Object.entries(properties).map(([name, part]) => [name, generated(part, name, spoil)] as const);
  const known = fc.record(Object.fromEntries(fields), { requiredKeys: required.filter((name) => name in properties) });
  if (typeof additionalProperties !== 'object') return known;
  return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), generated(additionalProperties, '', spoil), {
    maxKeys: 4,
  });
};

const sound = (schema: Schema, name: string, spoil: number): fc.Arbitrary<unknown> => {
  if (KNOWN[name]) return fc.constantFrom(...KNOWN[name]);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => sound(choice, name, spoil)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object') return objectOf(schema, spoil);
  if (type === 'array')
    return fc.array(generated(schema.items ?? {}, '', spoil), { minLength: schema.minItems ?? 0, maxLength: 4 });
  if (type === 'string') return textOf(schema);
  if (type === 'integer' || type === 'number') return numberOf({ ...schema, type });
  if (type === 'boolean') return fc.boolean();
  return weird;
};

/** Of that schema; `spoil` of a hundred values are something else. */
export const generated = (schema: Schema, name: string, spoil: number): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 100 - spoil, arbitrary: sound(schema, name, spoil) }, { weight: spoil, arbitrary: weird });
