/** What is sent for the rows of an import, and what became of them. */
import { createHash } from 'node:crypto';
import type { Id, Sku } from '../contracts/common.ts';
import type { ImportInput, ImportProgress, RowError, RowOutcome } from '../contracts/imports.ts';
import type { ProductCommand } from '../contracts/products.ts';
import type { Answer, Rejection } from './ports/commander.ts';
import type { DoneRow, KnownProducts, OpenRow } from './ports/imports.ts';

/** A row with the product that it is about. `source` names it for ever. */
export interface AddressedRow extends OpenRow {
  readonly productId: Id;
  readonly source: Id;
  /** The product is there already. */
  readonly exists: boolean;
  /** A SKU that belongs to another product: its own constraint would say so too, but a batch would have to be split. */
  readonly taken?: Sku;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 24);

/** The same seller's same name is the same product, in every import. */
export const derivedId = (sellerId: Id, { externalId, variants }: ImportInput): Id =>
  `prd-${digest(`import\n${sellerId}\n${externalId === undefined ? `sku\n${variants[0]!.sku}` : `id\n${externalId}`}`)}`;

/** Whose SKUs are that rows before this one are about to make. */
type UnderWay = ReadonlyMap<Sku, Id>;

/** Without a name of its own a row is about the seller's product that has its SKU, wherever that came from. */
const targetOf = (sellerId: Id, input: ImportInput, { bySku, byId }: KnownProducts, underWay: UnderWay): Id => {
  const derived = derivedId(sellerId, input);
  if (input.externalId !== undefined || byId.has(derived)) return derived;
  const [{ sku }] = input.variants as [ImportInput['variants'][number]];
  const owner = bySku.get(sku);
  if (owner) return owner.sellerId === sellerId ? owner.productId : derived;
  return underWay.get(sku) ?? derived;
};

export const addressed = (
  { importId, sellerId }: ImportProgress,
  row: OpenRow,
  known: KnownProducts,
  underWay: UnderWay = new Map(),
): AddressedRow => {
  const productId = targetOf(sellerId, row.input, known, underWay);
  const status = known.byId.get(productId);
  const exists =
    status !== undefined ? status !== 'purged' : known.bySku.get(row.input.variants[0]!.sku)?.productId === productId;
  const taken = row.input.variants.find(({ sku }) => (known.bySku.get(sku)?.productId ?? productId) !== productId)?.sku;
  return { ...row, productId, source: `${importId}/${row.line}`, exists, taken };
};

export const productCommand = (
  { sellerId, by }: ImportProgress,
  { input, productId, source }: AddressedRow,
): ProductCommand => {
  const { externalId: _, stock: __, variants, images, ...facts } = input;
  return {
    type: 'ImportProduct',
    sellerId,
    ...facts,
    ...(images && { images: images.map((image, i) => ({ ...image, imageId: `img-${digest(source + i)}` })) }),
    variants: variants.map((variant) => ({ ...variant, variantId: `var-${digest(`${productId}\n${variant.sku}`)}` })),
    source,
    by,
  };
};

export interface StockStep {
  readonly id: Id;
  readonly sku: Sku;
  readonly command: { readonly type: 'ReconcileStock'; readonly countId: Id; readonly counted: number };
}
export const stockSteps = ({ input, source }: AddressedRow): readonly StockStep[] =>
  input.stock.map(({ sku, counted }) => ({
    id: `${source}/stock/${sku}`,
    sku,
    command: { type: 'ReconcileStock', countId: source, counted },
  }));

/** Where a refusal is felt, as far as it can be told. */
const FIELDS: Readonly<Record<string, string>> = {
  SkuTaken: 'sku',
  PriceOutOfRange: 'price',
  PriceTwice: 'price',
  WrongPeriod: 'price',
  TooManyPrices: 'price',
  PriceMissing: 'price',
  AttributesRequired: 'variants',
  VariantsAlike: 'variants',
  TooManyVariants: 'variants',
  TitleRequired: 'title',
};
const words = (type: string): string => type.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
export const errorOf = ({ type, ...facts }: Rejection): RowError => ({
  field: FIELDS[type] ?? 'row',
  code: words(type),
  message: `${words(type).replaceAll('_', ' ')}: ${JSON.stringify(facts)}`,
});

export const refused = ({ line, productId }: AddressedRow, error: RowError): DoneRow => ({
  line,
  outcome: 'refused',
  productId,
  errors: [error],
});

export type Accepted = Extract<Answer, { kind: 'accepted' }>;
/** Something was written for it, as far as this answer can tell. */
export const changedSomething = ({ positions }: Accepted): boolean => Object.keys(positions).length > 0;

/** The last position in each context's log that these answers rest on. */
export const lastOf = (answers: readonly Accepted[]): Readonly<Record<string, number>> => {
  const last: Record<string, number> = {};
  for (const { positions } of answers)
    for (const [context, position] of Object.entries(positions)) last[context] = Math.max(last[context] ?? 0, position);
  return last;
};

/** `before`: what the product's own events and the stock say of a row that was sent in an earlier life. */
export const outcomeOf = (
  row: AddressedRow,
  answers: readonly Accepted[],
  before: RowOutcome | undefined,
): RowOutcome => {
  const [made] = answers;
  if (made!.repeated) return before ?? (answers.some(changedSomething) ? 'updated' : 'unchanged');
  if (changedSomething(made!) && !row.exists) return 'created';
  return answers.some(changedSomething) ? 'updated' : 'unchanged';
};
