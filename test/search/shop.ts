/** A shop with goods of several scripts, and its search. */
import { openSearch } from './index.ts';
import { type Described, searched } from './products.ts';

const colour = (value: string) => [{ name: 'colour', value, searchable: true }];
export const SHOP: readonly Described[] = [
  {
    id: 'lamp',
    title: 'Schreibtischleuchte »Föhr«',
    description: 'Messing, dimmbar',
    category: ['home', 'lamps'],
    costs: { USD: 12_900, JPY: 19_200 },
  },
  {
    id: 'lantern',
    title: 'Garden Lantern',
    description: 'A lamp for the garden',
    category: ['garden'],
    costs: { USD: 4_500 },
    sellerId: 's2',
  },
  {
    id: 'shade',
    title: 'Lamp Shade',
    category: ['home', 'lamps', 'shades'],
    costs: { USD: 2_000 },
    attributes: colour('red'),
  },
  {
    id: 'teapot',
    title: 'Cast Iron Teapot',
    description: 'For green tea',
    category: ['kitchen', 'tea'],
    costs: { USD: 6_400, KWD: 19_800 },
    attributes: colour('black'),
  },
  {
    id: 'kettle',
    title: 'Чайник «Самовар»',
    description: 'Эмалированный чайник',
    category: ['kitchen', 'tea'],
    costs: { USD: 4_250 },
    attributes: colour('red'),
  },
  {
    id: 'bowl',
    title: '手作りの抹茶茶碗',
    description: '美濃焼の抹茶茶碗。一点ずつ表情が違います。',
    category: ['kitchen', 'tea'],
    costs: { JPY: 9_900 },
  },
  {
    id: 'tea',
    title: '武夷山大红袍',
    description: '岩茶，五十克，木炭烘焙。',
    category: ['food', 'tea'],
    costs: { USD: 2_900 },
  },
  {
    id: 'fan',
    title: '전통 한지 부채',
    description: '전주 한지로 만든 접는 부채.',
    category: ['home'],
    costs: { USD: 2_200 },
  },
  {
    id: 'candle',
    title: 'נר שעוות דבורים',
    description: 'נר מגולגל ביד',
    category: ['home', 'candles'],
    costs: { USD: 1_600 },
  },
  {
    id: 'coffee',
    title: 'قهوة عربية بالهيل',
    description: 'بن محمص مع الهيل، ٢٥٠ غراماً.',
    category: ['food', 'coffee'],
    costs: { USD: 1_150 },
  },
  {
    id: 'spices',
    title: 'गरम मसाला',
    description: 'बारह मसालों का मिश्रण',
    category: ['food', 'spices'],
    costs: { USD: 690 },
  },
  {
    id: 'shirt',
    title: 'Linen Shirt',
    category: ['clothing'],
    costs: { USD: 5_900 },
    variants: [
      { sku: 'SHIRT-M-SAND', attributes: { size: 'M', colour: 'sand' } },
      { sku: 'SHIRT-L-RED', attributes: { size: 'L', colour: 'red' } },
    ],
  },
  { id: 'draft', title: 'Secret Lamp', category: ['home'], published: false, sellerId: 's2' },
];

export const openShop = async () => {
  const shop = await openSearch();
  await shop.put(SHOP.map((one, n) => searched({ ...one, at: `2026-02-01T00:00:${String(n).padStart(2, '0')}.000Z` })));
  await shop.stock({ 'SKU-lamp': true, 'SKU-shade': false, 'SHIRT-L-RED': true, 'SKU-teapot': true });
  return shop;
};
