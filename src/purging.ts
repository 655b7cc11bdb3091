/** Deleted products whose time is over: their stock goes, then they. */
import type { Engine } from './engine.ts';

export interface Gone {
  readonly productId: string;
  readonly skus: readonly string[];
}
type Commander = Engine['commander'];

/**
 * Counted as none while nobody else can have the SKU: once it is free, whoever takes it would sell what lay there. The
 * moment in the id makes each try a command of its own, also when a product is made anew under its id.
 */
const empty = (commander: Commander, { productId, skus }: Gone, deletedBefore: string) =>
  Promise.all(
    skus.map((sku) => {
      const id = `purge/${productId}/${Date.parse(deletedBefore)}/${sku}`;
      const command = { type: 'ReconcileStock', countId: id, counted: 0 };
      return commander.ask('inventory-item', sku, command, { id, correlationId: id });
    }),
  );

/** The product itself knows whether it is still deleted. What could not be emptied waits for the next time. */
export const purge = async (commander: Commander, gone: Gone, deletedBefore: string): Promise<void> => {
  const emptied = await empty(commander, gone, deletedBefore);
  if (!emptied.every(({ kind }) => kind === 'accepted')) return;
  const id = `purge/${gone.productId}/${deletedBefore}`;
  const command = { type: 'PurgeProduct', deletedBefore, by: 'purge-deleted-products' };
  await commander.ask('product', gone.productId, command, { id, correlationId: id });
};
