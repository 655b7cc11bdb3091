/** Stock: what came in is there or sold, what is promised is counted, and nothing is promised twice. */
import { type Check, grouped, sumOf, type Tables, type Violation, violation } from './rows.ts';

type Item = Tables['inventory.stock_items'];
type Movement = Tables['inventory.stock_movements'];
type Reservation = Tables['inventory.stock_reservations'];
type Allocation = Tables['inventory.stock_allocations'];
const OVERSOLD = 'no oversell';

/** Pieces of allocations: set aside by those that are open, sold by those that are settled. */
const setAside = (all: readonly Allocation[]): number =>
  sumOf(
    all.filter(({ status }) => status === 'open'),
    ({ quantity }) => quantity,
  );
const soldFrom = (all: readonly Allocation[]): number => sumOf(all, ({ sold }) => sold ?? 0);

function* itemIsSound(
  item: Item,
  movements: readonly Movement[],
  holds: readonly Reservation[],
  allocations: readonly Allocation[],
): Generator<Violation> {
  const { sku, on_hand, reserved } = item;
  if (on_hand < 0 || reserved < 0 || reserved > on_hand)
    yield violation(OVERSOLD, sku, `${reserved} of ${on_hand} promised`);
  const held = sumOf(
    holds.filter(({ status }) => status === 'held'),
    ({ quantity }) => quantity,
  );
  const aside = setAside(allocations);
  if (held + aside !== reserved)
    yield violation(OVERSOLD, sku, `${reserved} reserved, holds of ${held}, allocations of ${aside}`);
  const sold = sumOf(
    holds.filter(({ status }) => status === 'committed'),
    ({ quantity }) => quantity,
  );
  const came = sumOf(
    movements.filter(({ kind }) => kind !== 'sold' && kind !== 'settled'),
    ({ delta }) => delta,
  );
  const flash = soldFrom(allocations);
  if (on_hand + sold + flash !== came)
    yield violation(OVERSOLD, sku, `${on_hand} on hand + ${sold} sold + ${flash} in flash sales, ${came} came in`);
}

function* movementsAddUp(sku: string, onHand: number, movements: readonly Movement[]): Generator<Violation> {
  let running = 0;
  for (const { sequence, delta, on_hand } of movements) {
    running += delta;
    if (running !== on_hand)
      yield violation('movements add up', `${sku}/${sequence}`, `${on_hand} on hand, ${running} by movements`);
    if (on_hand < 0) yield violation(OVERSOLD, sku, `${on_hand} on hand at ${sequence}`);
  }
  if (running !== onHand) yield violation('movements add up', sku, `${onHand} on hand, ${running} by movements`);
}

export const stock: Check = function* ({ rows }) {
  const movements = grouped(rows['inventory.stock_movements'], ({ sku }) => sku);
  const reservations = grouped(rows['inventory.stock_reservations'], ({ sku }) => sku);
  const allocations = grouped(rows['inventory.stock_allocations'], ({ sku }) => sku);
  for (const item of rows['inventory.stock_items']) {
    yield* itemIsSound(item, movements(item.sku), reservations(item.sku), allocations(item.sku));
    yield* movementsAddUp(item.sku, item.on_hand, movements(item.sku));
  }
};

/** A movement that somebody was told of is there once; one that was refused is not there. */
export const told: Check = function* ({ rows, history }) {
  const movements = grouped(rows['inventory.stock_movements'], ({ reference }) => reference);
  for (const [, tries] of Map.groupBy(history.filter(isMovement), ({ who, path, key }) => `${who} ${path} ${key}`)) {
    const ids = new Set(tries.flatMap(({ status, data }) => (status === 201 ? [String(data?.movement_id)] : [])));
    const refused = tries.some(({ status, code }) => status === 409 && code === 'stock_is_reserved');
    if (ids.size > 1) yield violation('a movement counts once', tries[0]!.key!, `told ${[...ids]}`);
    if (refused && ids.size > 0) yield violation('a movement counts once', tries[0]!.key!, 'told booked and refused');
    for (const id of ids)
      if (movements(id).length !== 1)
        yield violation('a movement counts once', id, `told booked, found ${movements(id).length} times`);
  }
  for (const { reference } of rows['inventory.stock_movements'])
    if (movements(reference).length > 1) yield violation('a movement counts once', reference, 'booked more than once');
};
const isMovement = ({ what }: { readonly what: string }): boolean => what === 'receipt' || what === 'adjustment';
