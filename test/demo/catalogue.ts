/** A catalogue as it is in the world: many scripts, currencies with 0, 2 and 3 decimals, long texts, many variants. */

const THINGS = [
  ['Schreibtischleuchte »Föhr«', 'home', 'lamps'],
  ['Чайник «Самовар»', 'kitchen', 'tea'],
  ['נר שעוות דבורים', 'home', 'candles'],
  ['전통 한지 부채', 'home', 'fans'],
  ['急須 常滑焼', 'kitchen', 'tea'],
  ['手工陶瓷茶杯', 'kitchen', 'cups'],
  ['دلة قهوة نحاسية', 'kitchen', 'coffee'],
  ['Huile d’olive « Première pression »', 'food', 'oil'],
  ['Jalapeño rojo en escabeche', 'food', 'pickles'],
  ['Gömlek, keten', 'clothes', 'shirts'],
  ['ฝ้ายทอมือ ผ้าพันคอ', 'clothes', 'scarves'],
  ['Υφαντό χαλί', 'home', 'rugs'],
  ['हस्तनिर्मित दरी', 'home', 'rugs'],
  ['Linen shirt', 'clothes', 'shirts'],
] as const;
const SIZES = ['XS', 'S', 'M', 'L', 'XL'] as const;
const COLOURS = ['sand', 'ink', 'moss', 'rust', 'snow', 'plum', 'sky', 'clay', 'coal', 'rose'] as const;
const SENTENCE = 'Made by hand in a small workshop; no two pieces are quite alike. Ручная работа. 一点一点手作り。 ';
const LONG = SENTENCE.repeat(Math.floor(20_000 / Buffer.byteLength(SENTENCE)));

const pricesOf = (n: number) => [
  { amount: 900 + ((n * 37) % 20_000), currency: 'USD' },
  { amount: 1_200 + ((n * 53) % 30_000), currency: 'JPY' },
  { amount: 2_500 + ((n * 41) % 60_000), currency: 'KWD' },
];
const imagesOf = (n: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    url: `https://images.example.com/demo/${n}-${i + 1}.jpg`,
    alt: `View ${i + 1}`,
    primary: i === 0,
  }));
const fifty = (n: number) =>
  SIZES.flatMap((size) =>
    COLOURS.map((colour) => ({
      sku: `DEMO-${n}-${size}-${colour}`,
      attributes: { size, colour },
      prices: pricesOf(n),
      stock: 5,
    })),
  );

/** One line of the file; the same number is the same product. */
export const product = (n: number): object => {
  const [title, ...category] = THINGS[n % THINGS.length]!;
  return {
    external_id: `demo-${n}`,
    title: `${title} ${n}`,
    description: n % 50 === 0 ? LONG : SENTENCE,
    category,
    attributes: [{ name: 'material', value: COLOURS[n % 7]!, searchable: true }],
    images: imagesOf(n, n % 40 === 0 ? 24 : 1),
    variants: n % 100 === 0 ? fifty(n) : [{ sku: `DEMO-${n}`, prices: pricesOf(n), stock: 20 }],
    publish: true,
  };
};

/** NDJSON, product by product, so that the whole file never stands in memory. */
export function* catalogue(products: number): Generator<string> {
  for (let n = 1; n <= products; n += 1) yield `${JSON.stringify(product(n))}\n`;
}
