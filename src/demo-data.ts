/** What an empty database can be tried with: four accounts that everybody knows, and a small catalogue. */
import type { Role } from '../contracts/accounts.ts';
import type { NewPrice, NewVariant } from '../contracts/products.ts';

/** Of every demo account. Known to everybody, which is why production refuses DEMO_DATA. */
export const DEMO_PASSWORD = 'Demo-1234';

export interface DemoAccount {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
}
export const DEMO_ACCOUNTS: readonly DemoAccount[] = [
  { userId: 'demo-seller', email: 'seller@example.com', name: 'Salma Seller', roles: ['seller', 'customer'] },
  { userId: 'demo-buyer', email: 'buyer@example.com', name: 'Bjørn Buyer', roles: ['customer'] },
  { userId: 'demo-admin', email: 'admin@example.com', name: 'Ada Admin', roles: ['admin'] },
  { userId: 'demo-operator', email: 'operator@example.com', name: 'Oskar Operator', roles: ['operator'] },
];

export interface DemoProduct {
  readonly productId: string;
  readonly title: string;
  readonly description: string;
  readonly category: readonly string[];
  /** Pieces of each variant. */
  readonly stock: number;
  readonly variants: readonly NewVariant[];
}

/** Minor units: 1999 is 19.99 USD, 1999 JPY, 1.999 KWD. */
const prices = (USD: number, EUR: number, JPY: number, KWD: number): NewPrice[] =>
  Object.entries({ EUR, JPY, KWD, USD }).map(([currency, amount]) => ({ currency, amount }));

type Looks = readonly (readonly [suffix: string, attributes: Record<string, string>])[];
const alone: Looks = [['1', {}]];
const product = (
  name: string,
  title: string,
  description: string,
  category: readonly string[],
  stock: number,
  costs: NewPrice[],
  looks: Looks = alone,
): DemoProduct => {
  const productId = `demo-${name}`;
  const variants = looks.map(([suffix, attributes], i) => ({
    variantId: `${productId}-${i + 1}`,
    sku: `${name.toUpperCase()}-${suffix}`,
    attributes,
    prices: costs,
  }));
  return { productId, title, description, category, stock, variants };
};

const SHIRTS: Looks = ['S', 'M', 'L'].flatMap((size) =>
  ['indigo', 'sand'].map((colour) => [`${size}-${colour.toUpperCase()}`, { size, colour }] as const),
);

export const DEMO_PRODUCTS: readonly DemoProduct[] = [
  product(
    'shirt',
    'Linen Shirt',
    'Washed linen, cut straight.',
    ['clothing', 'shirts'],
    40,
    prices(5_900, 5_400, 8_800, 18_150),
    SHIRTS,
  ),
  product(
    'kettle',
    'Чайник «Самовар»',
    'Эмалированный чайник на два литра.',
    ['kitchen', 'tea'],
    25,
    prices(4_250, 3_900, 6_400, 13_100),
  ),
  product(
    'bowl',
    '手作りの抹茶茶碗',
    '美濃焼の抹茶茶碗。一点ずつ表情が違います。',
    ['kitchen', 'tea'],
    12,
    prices(6_800, 6_250, 9_900, 20_900),
  ),
  product(
    'coffee',
    'قهوة عربية بالهيل',
    'بن محمص مع الهيل، ٢٥٠ غراماً.',
    ['food', 'coffee'],
    200,
    prices(1_150, 1_050, 1_700, 3_525),
  ),
  product('tea', '武夷山大红袍', '岩茶，五十克，木炭烘焙。', ['food', 'tea'], 80, prices(2_900, 2_650, 4_300, 8_900)),
  product(
    'spices',
    'गरम मसाला',
    'बारह मसालों का मिश्रण, १०० ग्राम।',
    ['food', 'spices'],
    150,
    prices(690, 640, 1_000, 2_125),
  ),
  product(
    'oil',
    'Ελαιόλαδο Κορωνέικο',
    'Εξαιρετικό παρθένο ελαιόλαδο, 500 ml.',
    ['food', 'oil'],
    90,
    prices(1_890, 1_750, 2_800, 5_800),
  ),
  product(
    'notebook',
    'Cahier ligné « Grand Voyage »',
    'Papier 90 g, 192 pages, reliure cousue.',
    ['paper', 'notebooks'],
    300,
    prices(1_400, 1_290, 2_100, 4_300),
  ),
  product(
    'lamp',
    'Schreibtischleuchte »Föhr«',
    'Messing, dimmbar, 2700 K.',
    ['home', 'lamps'],
    15,
    prices(12_900, 11_900, 19_200, 39_650),
  ),
  product('hanji', '전통 한지 부채', '전주 한지로 만든 접는 부채.', ['home'], 60, prices(2_200, 2_050, 3_300, 6_775)),
  product(
    'candle',
    'נר שעוות דבורים',
    'נר מגולגל ביד, בוער כשתים־עשרה שעות.',
    ['home', 'candles'],
    120,
    prices(1_600, 1_480, 2_400, 4_925),
  ),
  product(
    'boots',
    'Hiking Boots “Ridge”',
    'Full-grain leather, resoleable.',
    ['clothing', 'shoes'],
    8,
    prices(18_900, 17_500, 28_000, 58_100),
    ['40', '42', '44'].map((size) => [size, { size }] as const),
  ),
];
