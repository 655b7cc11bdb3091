/** Files of products as sellers have them: titles in several scripts, several currencies, commas, quotes and line breaks. */
import { seeded } from './seeded.ts';

export const TITLES = [
  'Чайник «Самовар»',
  '手作りの抹茶茶碗',
  'قهوة عربية بالهيل',
  'गरम मसाला',
  'Ελαιόλαδο',
  '전통 한지 부채',
  'נר שעוות דבורים',
  'Linen "Shirt", cut straight',
];
const CATEGORIES = ['kitchen > tea', 'food > coffee', 'home', 'clothing > shirts'];

export interface FileRow {
  readonly sku: string;
  readonly title: string;
  readonly category: string;
  readonly description: string;
  readonly usd: string;
  readonly jpy: string;
  readonly kwd: string;
  readonly stock: number;
}

/** The n-th product (from 0); the same seed, the same product. */
export const fileRows = (count: number, prefix: string, seed = 1): FileRow[] => {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, n) => {
    const cents = 100 + random.below(100_000);
    return {
      sku: `${prefix}-${n}`,
      title: `${random.pick(TITLES)} ${n}`,
      category: random.pick(CATEGORIES),
      description: random.chance(0.1) ? 'two\nlines, and "quotes"' : random.pick(TITLES).repeat(1 + random.below(8)),
      usd: (cents / 100).toFixed(2),
      jpy: String(cents),
      kwd: (cents / 1000).toFixed(3),
      stock: random.below(1_000),
    };
  });
};

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const HEAD = 'sku,title,category,description,price:USD,price:JPY,price:KWD,stock,publish,attribute:origin';
export const csvOf = (rows: readonly FileRow[]): string =>
  [
    HEAD,
    ...rows.map(({ sku, title, category, description, usd, jpy, kwd, stock }) =>
      [sku, title, category, description, usd, jpy, kwd, String(stock), 'yes', 'somewhere'].map(quoted).join(','),
    ),
  ].join('\r\n');

export const ndjsonOf = (rows: readonly FileRow[]): string =>
  rows
    .map(({ sku, title, category, description, usd, stock }) =>
      JSON.stringify({
        sku,
        title,
        description,
        category: category.split(' > '),
        price: { amount: Math.round(Number(usd) * 100), currency: 'USD' },
        stock,
        publish: true,
      }),
    )
    .join('\n');
