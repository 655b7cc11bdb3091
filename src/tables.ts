/** Every table of this installation: what MikroORM discovers, and what the journal writes by. */
import { userEntities, usersTable } from '../adapters/postgres/accounts.table.ts';
import { allowanceEntities, allowancesTable } from '../adapters/postgres/allowances.table.ts';
import { correctionEntities, correctionsTable } from '../adapters/postgres/books.table.ts';
import { cartEntities, cartsTable } from '../adapters/postgres/carts.table.ts';
import { CheckoutSession } from '../adapters/postgres/checkout.table.ts';
import { flashSaleEntities, flashSalesTable } from '../adapters/postgres/flashsales.table.ts';
import { inventoryTable, stockEntities } from '../adapters/postgres/inventory.table.ts';
import { orderEntities, ordersTable } from '../adapters/postgres/orders.table.ts';
import { paymentEntities } from '../adapters/postgres/payments.entities.ts';
import { paymentsTable } from '../adapters/postgres/payments.table.ts';
import { productEntities, productsTable } from '../adapters/postgres/products.table.ts';
import { reconciliationEntities, reconciliationTable } from '../adapters/postgres/reconciliation.table.ts';
import { refundEntities, refundsTable } from '../adapters/postgres/refunds.table.ts';
import { PAST_KEPT } from '../domains/carts/cart-state.ts';
import { claimsOf } from '../domains/flashsales/claims.ts';
import { stockOf } from '../domains/inventory/stock.ts';
import { allocationTable } from './allocations.ts';
import { progressMappings, progressTables } from './consumers.ts';
import { purchaseTable } from './flows.ts';
import { refundFlowTable } from './refunds.ts';
import { viewEntities } from './views.ts';

export const tables = {
  accounts: usersTable,
  products: productsTable,
  allowances: allowancesTable,
  inventory: inventoryTable(stockOf),
  orders: ordersTable,
  payments: paymentsTable,
  corrections: correctionsTable,
  carts: cartsTable(PAST_KEPT),
  checkout: purchaseTable,
  flashSales: flashSalesTable(claimsOf),
  allocation: allocationTable.mapping,
  refunds: refundsTable,
  refundFlow: refundFlowTable.mapping,
  reconciliation: reconciliationTable,
};

export const entities = [
  ...userEntities,
  ...productEntities,
  ...allowanceEntities,
  ...stockEntities,
  ...flashSaleEntities,
  allocationTable.entity,
  ...orderEntities,
  ...paymentEntities,
  ...correctionEntities,
  ...cartEntities,
  CheckoutSession,
  ...refundEntities,
  refundFlowTable.entity,
  ...reconciliationEntities,
  ...viewEntities,
  ...progressTables,
];

export const mappings = [...Object.values(tables), ...progressMappings];
