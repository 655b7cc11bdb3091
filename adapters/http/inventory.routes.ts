/** Stock: how much is there, and how it came to be so. */
import { z } from 'zod';
import type { Commander } from '../../actors/ports/commander.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { CatalogueReader, MovementRow, StockReader, StockRow } from '../../actors/ports/readers.ts';
import { Id, Quantity, Sku, Text } from '../../contracts/common.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import { listed, pageQuery, sliceOf } from './preferences.ts';
import { notFound } from './problems.ts';
import { replyTo } from './rejections.ts';
import { ok, type Request, type Route, route } from './routes.ts';
import { Instant, idFrom, is } from './shapes.ts';

export interface InventoryPorts {
  readonly commander: Commander;
  readonly stock: StockReader;
  readonly catalogue: CatalogueReader;
}

const BySku = z.object({ sku: Sku });
const Availability = z.object({
  sku: Sku,
  available: z.int(),
  on_hand: z.int().optional().describe('for the seller, operators and admins'),
  reserved: z.int().optional(),
  updated_at: Instant,
});
const Movement = z.object({
  movement_id: Id,
  kind: z.string(),
  quantity: z.int(),
  on_hand: z.int(),
  reserved: z.int(),
  reference: z.string().nullable(),
  reason: z.string().nullable(),
  at: Instant,
});

const show = (row: StockRow, inside: boolean): z.input<typeof Availability> => ({
  sku: row.sku,
  available: row.available,
  ...(inside && { on_hand: row.onHand, reserved: row.reserved }),
  updated_at: row.updatedAt,
});
const showMovement = (row: MovementRow): z.input<typeof Movement> => ({
  movement_id: row.movementId,
  kind: row.kind,
  quantity: row.quantity,
  on_hand: row.onHand,
  reserved: row.reserved,
  reference: row.reference ?? null,
  reason: row.reason ?? null,
  at: row.at,
});

const tags = ['inventory'];
const writers = ['seller', 'admin'] as const;
/** Sellers see and move the stock of their own products only. */
const mayMove = async ({ catalogue }: InventoryPorts, who: Principal | undefined, sku: string): Promise<boolean> =>
  is(who, 'admin') || (is(who, 'seller') && (await catalogue.bySku(sku))?.sellerId === who?.userId);

const availability = (ports: InventoryPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/inventory/{sku}',
    summary: 'What is available of a SKU',
    tags,
    roles: ['public'],
    limit: 'read',
    cached: ['availability'],
    params: BySku,
    responses: { 200: { description: 'The stock', data: Availability } },
    handle: async ({ params, principal }) => {
      const row = await ports.stock.bySku(params.sku);
      if (!row) return notFound('SKU');
      return ok(show(row, is(principal, 'operator') || (await mayMove(ports, principal, params.sku))));
    },
  });

const movements = (ports: InventoryPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/inventory/{sku}/movements',
    summary: 'How the stock came to be what it is',
    tags,
    roles: ['seller', 'admin', 'operator'],
    limit: 'read',
    params: BySku,
    query: pageQuery,
    responses: { 200: { description: 'Movements, newest first', data: z.array(Movement), paged: true } },
    handle: async ({ params, query, principal }) => {
      const allowed = is(principal, 'operator') || (await mayMove(ports, principal, params.sku));
      if (!allowed) return notFound('SKU');
      const slice = sliceOf(query);
      return listed(await ports.stock.movements(params.sku, slice), slice, showMovement);
    },
  });

/** A route that sends one command to the stock of the SKU. */
const move = <B extends z.ZodType>(
  ports: InventoryPorts,
  verb: string,
  summary: string,
  body: B,
  commandOf: (id: string, body: z.output<B>) => InventoryCommand,
): Route =>
  route({
    method: 'post',
    path: `/api/v1/inventory/{sku}/${verb}`,
    summary,
    tags,
    roles: writers,
    limit: 'write',
    params: BySku,
    body,
    responses: { 201: { description: 'Booked', data: z.object({ sku: Sku, movement_id: Id, version: z.int() }) } },
    handle: async ({
      params: { sku },
      body,
      principal,
      commandId,
      meta,
    }: Request<Principal, { sku: string }, unknown, z.output<B>>) => {
      if (!(await mayMove(ports, principal, sku))) return notFound('SKU');
      const id = idFrom('mov', commandId);
      const answer = await ports.commander.ask('inventory-item', sku, commandOf(id, body), meta());
      return replyTo(answer, ({ version }) => ({ status: 201, data: { sku, movement_id: id, version } }));
    },
  });

const Receipt = z.object({ quantity: Quantity, reason: Text(200).optional() });
const Adjustment = z.object({ delta: z.int().min(-1_000_000).max(1_000_000), reason: Text(200) });
const Count = z.object({ counted: z.int().min(0).max(1_000_000_000) });

export const inventoryRoutes = (ports: InventoryPorts): readonly Route[] => [
  availability(ports),
  movements(ports),
  move(ports, 'receipts', 'Goods came in', Receipt, (receiptId, body) => ({
    type: 'ReceiveStock',
    receiptId,
    ...body,
  })),
  move(ports, 'adjustments', 'Correct by hand; never below what is promised', Adjustment, (adjustmentId, body) => ({
    type: 'AdjustStock',
    adjustmentId,
    ...body,
  })),
  move(ports, 'counts', 'A count of the warehouse', Count, (countId, body) => ({
    type: 'ReconcileStock',
    countId,
    ...body,
  })),
];
