/** The columns of carts that the checker looks at; see rows.ts. */
import type { CartUnits } from '../../contracts/carts.ts';

export interface CartTables {
  readonly 'carts.carts': { id: string; line_count: number; version: number };
  readonly 'carts.cart_items': { cart_id: string; sku: string; quantity: number };
  readonly 'carts.cart_checkouts': { cart_id: string; checkout_id: string; status: string; units: CartUnits[] };
}
