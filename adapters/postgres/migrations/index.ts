/** All migrations in their order. A released one never changes. */
import { engine } from './0001-engine.ts';
import { inventory } from './0002-inventory.ts';
import { orders } from './0003-orders.ts';
import { payments } from './0004-payments.ts';
import { checkout } from './0005-checkout.ts';
import { sandbox } from './0006-sandbox.ts';
import { accounts } from './0007-accounts.ts';
import { products } from './0008-products.ts';
import { productsWhole } from './0009-products-whole.ts';
import { flashSales } from './0010-flash-sales.ts';
import { edge } from './0011-edge.ts';
import { search } from './0012-search.ts';
import { gateways } from './0013-gateways.ts';
import { refunds } from './0014-refunds.ts';
import { books } from './0015-books.ts';
import { reconciliation } from './0016-reconciliation.ts';
import { savedMethods } from './0017-saved-methods.ts';
import { lineCommissions } from './0018-line-commissions.ts';
import { carts } from './0019-carts.ts';
import { wholeJson } from './0020-whole-json.ts';
import { lighterProducts } from './0021-lighter-products.ts';
import { formerClaims } from './0022-former-claims.ts';

export const migrations = (role: string): readonly { readonly name: string; readonly sql: string }[] => [
  { name: '0001-engine', sql: engine(role) },
  { name: '0002-inventory', sql: inventory(role) },
  { name: '0003-orders', sql: orders(role) },
  { name: '0004-payments', sql: payments(role) },
  { name: '0005-checkout', sql: checkout(role) },
  { name: '0006-sandbox', sql: sandbox(role) },
  { name: '0007-accounts', sql: accounts(role) },
  { name: '0008-products', sql: products(role) },
  { name: '0009-products-whole', sql: productsWhole(role) },
  { name: '0010-flash-sales', sql: flashSales(role) },
  { name: '0011-edge', sql: edge(role) },
  { name: '0012-search', sql: search(role) },
  { name: '0013-gateways', sql: gateways(role) },
  { name: '0014-refunds', sql: refunds(role) },
  { name: '0015-books', sql: books(role) },
  { name: '0016-reconciliation', sql: reconciliation(role) },
  { name: '0017-saved-methods', sql: savedMethods() },
  { name: '0018-line-commissions', sql: lineCommissions() },
  { name: '0019-carts', sql: carts(role) },
  { name: '0020-whole-json', sql: wholeJson() },
  { name: '0021-lighter-products', sql: lighterProducts() },
  { name: '0022-former-claims', sql: formerClaims() },
];
