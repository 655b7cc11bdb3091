/** Every context that has a contract. A new context adds itself here, and its events are documented and checked. */
import { accountsContract } from '../contracts/accounts.ts';
import { cartsContract } from '../contracts/carts.ts';
import { checkoutContract } from '../contracts/checkout.ts';
import type { ContextContract } from '../contracts/common.ts';
import { flashSalesContract } from '../contracts/flashsales.ts';
import { inventoryContract } from '../contracts/inventory.ts';
import { ordersContract } from '../contracts/orders.ts';
import { paymentsContract } from '../contracts/payments.ts';
import { productsContract } from '../contracts/products.ts';
import { reconciliationContract } from '../contracts/reconciliation.ts';
import { refundsContract } from '../contracts/refunds.ts';

export const CONTEXTS: readonly ContextContract[] = [
  accountsContract,
  productsContract,
  inventoryContract,
  ordersContract,
  paymentsContract,
  cartsContract,
  checkoutContract,
  flashSalesContract,
  refundsContract,
  reconciliationContract,
];

export const contextNames: readonly string[] = CONTEXTS.map(({ context }) => context);
