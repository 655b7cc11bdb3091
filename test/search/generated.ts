/** A catalogue of any size: as many words, categories and prices as a shop of that size would have. */
import type { CatalogueRow } from '../../contracts/products.ts';
import { seeded } from '../kit/seeded.ts';
import { searched } from './products.ts';

const THINGS = [
  'Lamp',
  'Kettle',
  'Shirt',
  'Boots',
  'Teapot',
  'Notebook',
  'Чайник',
  '茶碗',
  'נר',
  'قهوة',
  'Fan',
  'Candle',
  'Bowl',
  'Desk',
  'Chair',
];
const KINDS = ['Linen', 'Oak', 'Brass', 'Ceramic', 'Wool', 'Leather', 'Glass', 'Steel', 'Bamboo', 'Paper'];
const COLOURS = ['red', 'blue', 'green', 'sand', 'black', 'white', 'indigo'];
const PLACES = ['home', 'kitchen', 'garden', 'clothing', 'food'];
const TEXT = 'made by hand for years of use packed without plastic sent within a day washable at thirty degrees'.split(
  ' ',
);

/** The same every time. `rare` ones are few, so that an index is worth it. */
export const generated = (count: number): CatalogueRow[] => {
  const random = seeded(7);
  return Array.from({ length: count }, (_, n) => {
    const rare = n % 2_000 === 0;
    const name = `Model ${random.below(count).toString(36)}`;
    const place = random.pick(PLACES);
    const usd = rare ? 2 : 500 + random.below(50_000);
    return searched({
      id: `g-${n}`,
      title: `${random.pick(KINDS)} ${random.pick(THINGS)} ${name}`,
      description: Array.from({ length: 40 }, () => random.pick(TEXT)).join(' '),
      category: [place, rare ? 'rare' : `${place}-${random.below(8)}`],
      attributes: [{ name: 'colour', value: rare ? 'octarine' : random.pick(COLOURS), searchable: true }],
      variants: Array.from({ length: 1 + random.below(3) }, (__, i) => ({
        sku: `G-${n}-${i}`,
        attributes: { size: 'SML'[i]! },
      })),
      costs: { USD: usd, JPY: usd * 150 },
      sellerId: rare ? 'seller-rare' : `seller-${random.below(50)}`,
      published: n % 20 > 0 || rare,
      at: new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString(),
    });
  });
};
