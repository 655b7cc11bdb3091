/** Every route there is: the one list that is served, documented and walked by the tests. */
import { type AdminPorts, adminRoutes } from './admin.routes.ts';
import { type AccountsPorts, authRoutes, deskOf } from './auth.routes.ts';
import { type BooksPorts, booksRoutes } from './books.routes.ts';
import { type CartsPorts, cartsRoutes } from './carts.routes.ts';
import { type CheckoutsPorts, checkoutsRoutes } from './checkouts.routes.ts';
import { docsRoutes } from './docs.routes.ts';
import { type FlashSalesPorts, flashSalesRoutes } from './flashsales.routes.ts';
import { type GuestsPorts, guestsRoutes } from './guests.routes.ts';
import { type ImportsPorts, importsRoutes } from './imports.routes.ts';
import { type InventoryPorts, inventoryRoutes } from './inventory.routes.ts';
import { type MethodsPorts, methodsRoutes } from './methods.routes.ts';
import { type OpsPorts, opsRoutes } from './ops.routes.ts';
import { type OrdersPorts, ordersRoutes } from './orders.routes.ts';
import { type PayingPorts, payingRoutes } from './paying.routes.ts';
import { type PaymentsPorts, paymentsRoutes } from './payments.routes.ts';
import { type Check, platformRoutes } from './platform.routes.ts';
import { productPartsRoutes } from './products.parts.routes.ts';
import { type ProductsPorts, productsRoutes } from './products.routes.ts';
import { type QuotesPorts, quotesRoutes } from './quotes.routes.ts';
import { type ReconciliationPorts, reconciliationRoutes } from './reconciliation.routes.ts';
import { type RecoveryPorts, recoveryRoutes } from './recovery.routes.ts';
import { type RefundsPorts, refundsRoutes } from './refunds.routes.ts';
import type { Route } from './routes.ts';
import { type SandboxPorts, sandboxRoutes } from './sandbox.routes.ts';
import { type SearchPorts, searchRoutes } from './search.routes.ts';
import { type SettlementsPorts, settlementsRoutes } from './settlements.routes.ts';
import { userRoutes } from './users.routes.ts';
import { type WebhooksPorts, webhooksRoutes } from './webhooks.routes.ts';

export type ApiPorts = AccountsPorts &
  RecoveryPorts &
  ProductsPorts &
  ImportsPorts &
  InventoryPorts &
  OrdersPorts &
  CartsPorts &
  CheckoutsPorts &
  FlashSalesPorts &
  GuestsPorts &
  PaymentsPorts &
  BooksPorts &
  QuotesPorts &
  PayingPorts &
  MethodsPorts &
  RefundsPorts &
  ReconciliationPorts &
  SettlementsPorts &
  WebhooksPorts &
  OpsPorts &
  SearchPorts &
  AdminPorts &
  SandboxPorts & {
    readonly checks: readonly Check[];
    /** Aborted when the node begins to stop. */
    readonly stopping: AbortSignal;
  };

const described = (ports: ApiPorts): readonly Route[] => {
  const desk = deskOf(ports);
  return [
    ...authRoutes(ports, desk),
    ...guestsRoutes(ports),
    ...recoveryRoutes(ports, desk),
    ...userRoutes(ports, desk),
    ...importsRoutes(ports),
    ...productsRoutes(ports),
    ...productPartsRoutes(ports),
    ...searchRoutes(ports),
    ...inventoryRoutes(ports),
    ...quotesRoutes(ports),
    ...cartsRoutes(ports),
    ...checkoutsRoutes(ports),
    ...flashSalesRoutes(ports),
    ...ordersRoutes(ports),
    ...paymentsRoutes(ports),
    ...booksRoutes(ports),
    ...payingRoutes(ports),
    ...methodsRoutes(ports),
    ...refundsRoutes(ports),
    ...reconciliationRoutes(ports),
    ...settlementsRoutes(ports),
    ...webhooksRoutes(ports),
    ...opsRoutes(ports),
    ...adminRoutes(ports),
    ...sandboxRoutes(ports),
    ...platformRoutes(ports.checks, ports.stopping),
  ];
};

export const apiRoutes = (ports: ApiPorts): readonly Route[] => {
  const routes = described(ports);
  return [...routes, ...docsRoutes(routes)];
};

/** The routes as data only, for documents; their handlers must not be called. */
export const documentedRoutes = (): readonly Route[] => described({} as ApiPorts);
