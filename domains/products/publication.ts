/** Where a product stands: a draft, on sale, hidden, archived for good, deleted, restored, purged. */
import type { Id } from '../../contracts/common.ts';
import type { ProductCommand, ProductEvent } from '../../contracts/products.ts';
import { accept, reject } from '../kernel/decider.ts';
import { type Answer, about, type Desk } from './desk.ts';
import { unpriced } from './variants.ts';

const wrongStatus = ({ productId, product }: Desk, wanted: string): Answer =>
  reject({ type: 'WrongProductStatus', productId, status: product.status, wanted });

type Moved = 'ProductPublished' | 'ProductHidden' | 'ProductArchived' | 'ProductDeleted' | 'ProductRestored';
const say = (desk: Desk, type: Moved, by: Id): Answer => accept<ProductEvent>({ type, ...about(desk, by) });

const publish = (desk: Desk, by: Id): Answer => {
  if (desk.product.status === 'published') return accept();
  const variant = unpriced(desk.product.variants, desk.now);
  return variant ? reject({ type: 'PriceMissing', sku: variant.sku }) : say(desk, 'ProductPublished', by);
};

const hide = (desk: Desk, by: Id): Answer => {
  if (desk.product.status === 'hidden') return accept();
  return desk.product.status === 'published' ? say(desk, 'ProductHidden', by) : wrongStatus(desk, 'hidden');
};

const remove = (desk: Desk, by: Id): Answer =>
  desk.product.status === 'deleted' ? accept() : say(desk, 'ProductDeleted', by);

/** What was archived is archived again: a deletion is no way out of it. */
const restore = (desk: Desk, by: Id): Answer => {
  const { status, wasArchived } = desk.product;
  if (status === 'hidden') return accept();
  if (status !== 'deleted') return wrongStatus(desk, 'restored');
  const told: readonly Moved[] = wasArchived ? ['ProductRestored', 'ProductArchived'] : ['ProductRestored'];
  return accept<ProductEvent>(...told.map((type) => ({ type, ...about(desk, by) })));
};

type Of<T extends ProductCommand['type']> = Extract<ProductCommand, { type: T }>;

/** What was restored, or deleted anew meanwhile, stays. */
const purge = (desk: Desk, { deletedBefore, by }: Of<'PurgeProduct'>): Answer => {
  const { deletedAt, variants } = desk.product;
  if (deletedAt === undefined || deletedAt >= deletedBefore) return wrongStatus(desk, 'purged');
  const freed = variants.map(({ variantId, sku }) => ({ variantId, sku }));
  return accept<ProductEvent>({ type: 'ProductPurged', ...about(desk, by), variants: freed });
};

export type Movement = Of<
  'PublishProduct' | 'HideProduct' | 'ArchiveProduct' | 'DeleteProduct' | 'RestoreProduct' | 'PurgeProduct'
>;
/** What a product that is archived or deleted still hears. */
export const LAST_WORDS: ReadonlySet<ProductCommand['type']> = new Set<ProductCommand['type']>([
  'ArchiveProduct',
  'DeleteProduct',
  'RestoreProduct',
  'PurgeProduct',
]);

export const standing = (command: Movement, desk: Desk): Answer => {
  switch (command.type) {
    case 'PublishProduct':
      return publish(desk, command.by);
    case 'HideProduct':
      return hide(desk, command.by);
    case 'ArchiveProduct':
      if (desk.product.status === 'archived') return accept();
      return desk.product.status === 'deleted'
        ? wrongStatus(desk, 'archived')
        : say(desk, 'ProductArchived', command.by);
    case 'DeleteProduct':
      return remove(desk, command.by);
    case 'RestoreProduct':
      return restore(desk, command.by);
    case 'PurgeProduct':
      return purge(desk, command);
  }
};
