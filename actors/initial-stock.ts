/**
 * What lies there from the start. The product says how much, inventory receives it: the edge asks for it at once, so that
 * the answer comes when it is done, and the event asks for it again, should the process die in between. Both use one id.
 */
import { type Id, type Sku, wireType } from '../contracts/common.ts';
import type { InventoryCommand } from '../contracts/inventory.ts';
import type { ProductEvent } from '../contracts/products.ts';
import type { FactParts, Reaction } from './facts.ts';
import type { Answer, Commander, Meta } from './ports/commander.ts';

interface Stock {
  readonly sku: Sku;
  readonly quantity: number;
}

const receipt = (productId: Id, { sku, quantity }: Stock): Reaction<InventoryCommand> & { readonly id: string } => {
  const id = `${productId}/${sku}/initial`;
  const command = { type: 'ReceiveStock', receiptId: id, quantity, reason: 'initial stock' } as const;
  return { step: 'initial-stock', id, to: 'inventory-item', key: sku, command };
};

type Stocked = Extract<ProductEvent, { type: 'ProductCreated' | 'VariantAdded' }>;
const STOCKED: readonly Stocked['type'][] = ['ProductCreated', 'VariantAdded'];

/** What follows from products' events. */
export const stocking: Pick<FactParts, 'facts' | 'concerns' | 'reactTo'> = {
  facts: new Set(STOCKED.map((name) => wireType('products', name))),
  concerns: ({ body }) => body.includes('"stock":['),
  reactTo: (fact) => {
    const { productId, stock = [] } = fact as unknown as Stocked;
    return stock.map((one) => receipt(productId, one));
  },
};

/** Asks for all of it; the first answer that is not an acceptance, or the last. */
export const stockUp =
  (commander: Commander) =>
  async (productId: Id, stock: readonly Stock[], meta: Meta): Promise<Answer | undefined> => {
    const { fingerprint: _, ...rest } = meta;
    const answers = await Promise.all(
      stock.map((one) => {
        const { id, to, key, command } = receipt(productId, one);
        return commander.ask(to, key, command, { ...rest, id });
      }),
    );
    return answers.find(({ kind }) => kind !== 'accepted') ?? answers.at(-1);
  };
