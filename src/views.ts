/** Every view: what is folded from a context's log, and where its rows are. */
import type { DecodedEvent } from '../actors/decode.ts';
import { availabilityTable } from '../adapters/postgres/inventory.reader.ts';
import { orderViewTable } from '../adapters/postgres/orders.reader.ts';
import { catalogueTable } from '../adapters/postgres/products.reader.ts';
import { searchTable, stockSeenTable } from '../adapters/postgres/search.table.ts';
import { entitiesOf, type ViewTable } from '../adapters/postgres/view.table.ts';
import { availability } from '../domains/inventory/availability.view.ts';
import type { View } from '../domains/kernel/view.ts';
import { orderView } from '../domains/orders/order.view.ts';
import { catalogue } from '../domains/products/catalogue.view.ts';
import { indexed, lowestPrices, vocabulary } from '../domains/search/indexed.ts';
import { stockSeen } from '../domains/search/stock.view.ts';
import { trigramsOf } from '../domains/search/typos.ts';

export interface ViewDefinition {
  readonly name: string;
  /** The context whose log it reads. */
  readonly source: string;
  /** The schema that it lives in, and remembers in how far it has come. */
  readonly context: string;
  readonly view: View<unknown, DecodedEvent>;
  readonly table: ViewTable<unknown>;
  /** Written by a journal of its own, and waited for only by those who read it: when it fails or is slow, nobody else is. */
  readonly aside?: true;
}

/** A view in the table that its rows fit into. */
const kept = <Row, Event extends DecodedEvent>(
  view: View<Row, Event>,
  table: ViewTable<Row>,
): Pick<ViewDefinition, 'view' | 'table'> => ({ view, table });

const searched = searchTable({ indexed, lowestPrices, vocabulary, trigramsOf });

export const VIEWS: readonly ViewDefinition[] = [
  { name: 'catalogue', source: 'products', context: 'products', ...kept(catalogue, catalogueTable) },
  { name: 'availability', source: 'inventory', context: 'inventory', ...kept(availability, availabilityTable) },
  { name: 'order-view', source: 'orders', context: 'orders', ...kept(orderView, orderViewTable) },
  { name: 'product-search', source: 'products', context: 'search', ...kept(catalogue, searched), aside: true },
  { name: 'stock-search', source: 'inventory', context: 'search', ...kept(stockSeen, stockSeenTable), aside: true },
];
/** Schemas that hold views of other contexts' logs, and have no log of their own. */
export const viewSchemas: readonly string[] = ['search'];

export const viewEntities = VIEWS.flatMap(({ table }) => entitiesOf(table));
