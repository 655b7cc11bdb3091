/** The back office on record: what sellers and admins changed is found again, with who did it. */
import { causeOf, commandIdOf } from './decoded.ts';
import { type Check, type Exchange, violation } from './rows.ts';

const RECORD = 'the back office is on record';
const SALE = '/api/v1/flash-sales/{id}';
/** What it was for -> the route, as the record names it. */
const ROUTES: Readonly<Record<string, string>> = {
  receipt: '/api/v1/inventory/{sku}/receipts',
  adjustment: '/api/v1/inventory/{sku}/adjustments',
  schedule: '/api/v1/flash-sales',
  'change-sale': SALE,
  'cancel-sale': SALE,
  import: '/api/v1/products/import',
  refund: '/api/v1/payments/{id}/refund',
};

const paramsOf = (route: string, path: string): Record<string, string> | undefined => {
  const names = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  if (names.length === 0) return undefined;
  const values = new RegExp(`^${route.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(path)!.slice(1);
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
};
const commandOf = (exchange: Exchange, route: string): string =>
  commandIdOf(exchange, route, paramsOf(route, exchange.path));

/** What was done is on record under its command, by who asked. */
export const recorded: Check = function* ({ history, rows }) {
  const entries = new Map(rows['edge.audit_log'].map((entry) => [`${entry.command_id} ${entry.user_id}`, entry]));
  for (const exchange of history) {
    const { what, who, status, n } = exchange;
    const route = ROUTES[what];
    if (route === undefined || status < 200 || status > 299) continue;
    const entry = entries.get(`${commandOf(exchange, route)} ${who}`);
    if (entry?.route !== route) yield violation(RECORD, n, `${what} of ${who} is not there`);
  }
};

const CHANGES: ReadonlySet<string> = new Set([
  'flashsales.flash-sale-scheduled.v1',
  'flashsales.flash-sale-changed.v1',
  'flashsales.flash-sale-cancelled.v1',
]);
/** The other way round: whatever happened to a sale by hand, and every import, was put on record before. */
export const causes: Check = function* ({ logs, rows }) {
  const commands = new Set(rows['edge.audit_log'].map(({ command_id }) => command_id));
  for (const row of logs.flashsales!.outbox)
    if (CHANGES.has(row.type) && !commands.has(causeOf(row)))
      yield violation(RECORD, row.aggregate, `${row.type} without a record`);
  const imports = new Set([...commands].map((id) => `imp-${id.slice(0, 24)}`));
  for (const { id } of rows['products.imports'])
    if (!imports.has(id)) yield violation(RECORD, id, 'an import without a record');
};
