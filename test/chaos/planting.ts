/** How lies are planted into a copy of true evidence. */
import type { Evidence, Exchange, Tables } from './rows.ts';

export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
export type Draft = Mutable<Evidence>;
type Name = keyof Tables;

export const rows = <N extends Name>(draft: Draft, name: N): Mutable<Tables[N]>[] =>
  draft.rows[name] as unknown as Mutable<Tables[N]>[];
export const some = <N extends Name>(
  draft: Draft,
  name: N,
  is: (row: Mutable<Tables[N]>) => boolean = () => true,
): Mutable<Tables[N]> => {
  const found = rows(draft, name).find(is);
  if (!found) throw new Error(`nothing in ${name} to lie about`);
  return found;
};
export const checkout = (draft: Draft, stage: string) =>
  some(draft, 'checkout.checkout_sessions', (row) => row.stage === stage);
/** A checkout that was charged and completed. */
export const sale = (draft: Draft) => {
  const { id } = some(draft, 'payments.payment_intents', ({ captured, refunded }) => captured > 0 && refunded === 0);
  const charge = some(draft, 'sandbox.charges', ({ payment_id, captured }) => payment_id === id && captured > 0);
  const order = some(draft, 'orders.orders', ({ payment_id }) => payment_id === id);
  return { id, charge, order };
};
export const told = (draft: Draft, is: (one: Exchange) => boolean): Mutable<Exchange> => {
  const found = draft.history.find((one) => is(one as Exchange));
  if (!found) throw new Error('nobody was told anything to lie about');
  return found as Mutable<Exchange>;
};
export const bought = (draft: Draft) => told(draft, ({ what, status }) => what === 'buy' && status === 201);
export const log = (draft: Draft, context: string) => draft.logs[context]!;
export const stream = (draft: Draft, context: string) => draft.streams[context]!;

export interface Plant {
  readonly invariant: string;
  readonly lie: string;
  readonly plant: (draft: Draft) => void;
}
export const plant = (invariant: string, lie: string, action: (draft: Draft) => unknown): Plant => ({
  invariant,
  lie,
  plant: (draft) => void action(draft),
});

/** Changes the first event of a kind, as it is told in the log. */
export const retell = (
  draft: Draft,
  context: string,
  type: string,
  change: (body: Record<string, unknown>) => unknown,
) => {
  const row = log(draft, context).outbox.find((one) => one.type === `${context}.${type}.v1`);
  if (!row) throw new Error(`no ${type} to lie about`);
  const body = JSON.parse(row.body) as Record<string, unknown>;
  change(body);
  row.body = JSON.stringify(body);
};
/** Tells the first event of a kind once more. */
export const tellAgain = (draft: Draft, context: string, type: string) => {
  const { outbox } = log(draft, context);
  outbox.push(outbox.find((one) => one.type === `${context}.${type}.v1`)!);
};
