/** The stock of flash sales: set aside once, settled once, and nothing of it lost between the stock and the sale. */
import type { InventoryEvent } from '../../contracts/inventory.ts';
import { eventsOf } from './decoded.ts';
import { lastStands, type Stand, unitsOf } from './replay.ts';
import { type Check, grouped, type Tables, type Violation, violation } from './rows.ts';

const SETTLED = 'every sale is settled once';
type Allocated = Extract<InventoryEvent, { type: 'StockAllocated' | 'AllocationSettled' }>;
type Allocation = Tables['inventory.stock_allocations'];

const ONCE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  settled: { AllocationGranted: 1, AllocationRefused: 0, FlashSaleEnded: 1, FlashSaleSettled: 1 },
  refused: { AllocationGranted: 0, AllocationRefused: 1, FlashSaleEnded: 0, FlashSaleSettled: 0, AllocationClaimed: 0 },
};

/** What the sale itself tells. */
function* wentItsWay(stage: string, { saleId, counts }: Stand): Generator<Violation> {
  const wanted = ONCE[stage];
  if (!wanted) return yield violation(SETTLED, saleId, `is ${stage}`);
  for (const [type, times] of Object.entries(wanted))
    if ((counts.get(type) ?? 0) !== times) yield violation(SETTLED, saleId, `${counts.get(type) ?? 0} times ${type}`);
}

/** What the stock tells of it. */
function* isSettled(stand: Stand, events: readonly Allocated[], row: Allocation | undefined): Generator<Violation> {
  const { saleId, sku, allocation } = stand;
  const say = (detail: string) => violation(SETTLED, saleId, detail);
  const [taken, ...more] = events.filter(({ type }) => type === 'StockAllocated');
  const [back, ...others] = events.flatMap((event) => (event.type === 'AllocationSettled' ? [event] : []));
  if (!taken || more.length > 0 || taken.quantity !== allocation || taken.sku !== sku)
    yield say(`${taken?.quantity} ${taken?.sku} set aside, and ${more.length} times more; it asked for ${allocation}`);
  const sold = unitsOf(stand, 'sold');
  if (!back || others.length > 0 || back.sold !== sold)
    yield say(`stock settled with ${back?.sold} sold, and ${others.length} times more; the sale sold ${sold}`);
  if (row?.status !== 'settled' || row.sold !== sold || row.quantity !== allocation)
    yield say(
      `the allocation is ${row?.status}: ${row?.sold} of ${row?.quantity}, instead of ${sold} of ${allocation}`,
    );
}

export const settlements: Check = function* (evidence) {
  const { rows, logs } = evidence;
  const inventory = eventsOf<InventoryEvent>('inventory', logs.inventory!);
  const events = grouped(inventory.filter(isAllocation), ({ allocationId }) => allocationId);
  const allocations = new Map(rows['inventory.stock_allocations'].map((row) => [row.id, row]));
  const stands = lastStands(evidence);
  for (const { id, stage } of rows['flashsales.flash_sales']) {
    const stand = stands.get(id)!;
    yield* wentItsWay(stage, stand);
    if (stage === 'settled') yield* isSettled(stand, events(id), allocations.get(id));
    if (stage === 'refused' && events(id).length > 0) yield violation(SETTLED, id, 'refused, and yet set aside');
  }
  for (const { id } of rows['inventory.stock_allocations'])
    if (!stands.has(id)) yield violation(SETTLED, id, 'set aside for no sale');
};
const isAllocation = (event: InventoryEvent): event is Allocated =>
  event.type === 'StockAllocated' || event.type === 'AllocationSettled';
