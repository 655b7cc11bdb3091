/** Where a kill can be aimed at, by the saga's stage; and where the checkouts really were when the process died. */
import { withClient } from '../kit/servers.ts';

/** Stage -> commits that happen in it or end it. */
export const AIMS = {
  reserving: ['checkout.checkout-started.v1', 'inventory.stock-reserved.v1'],
  creating: ['orders.order-created.v1'],
  paying: ['payments.attempt-started.v1:authorise', 'sandbox.authorised', 'webhook.charge.authorised'],
  'action-required': [
    'sandbox.requires-action',
    'payments.payment-action-required.v1',
    'checkout.payment-initiated.v1',
  ],
  confirming: ['payments.payment-authorized.v1', 'orders.order-confirmed.v1'],
  capturing: ['payments.attempt-started.v1:capture', 'sandbox.capture', 'webhook.charge.capture'],
  settling: ['payments.payment-captured.v1', 'inventory.reservation-confirmed.v1', 'orders.order-paid.v1'],
  completed: ['checkout.checkout-completed.v1'],
  cancelling: ['payments.attempt-started.v1:cancel', 'sandbox.cancel'],
  compensating: [
    'payments.payment-failed.v1',
    'payments.payment-cancelled.v1',
    'orders.order-cancelled.v1',
    'inventory.reservation-released.v1',
  ],
  aborted: ['checkout.checkout-aborted.v1'],
  refund: ['payments.attempt-started.v1:refund', 'sandbox.refund', 'payments.payment-refunded.v1'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type Stage = keyof typeof AIMS;
/** Commits of which there are few. */
export const RARE: ReadonlySet<string> = new Set([...AIMS.refund, ...AIMS.cancelling, ...AIMS['action-required']]);
export const STAGES = Object.keys(AIMS) as Stage[];

/**
 * The stage of every open checkout by what is committed, which is further than the flow's own row: that is written only
 * where it must be.
 */
const OPEN = `
with open as (
  select s.id, s.stage, s.state->'basket' as basket from checkout.checkout_sessions s where s.stage not in ('completed', 'aborted')),
facts as (
  select o.id, o.stage, i.status as payment, jsonb_array_length(o.basket->'demand') as skus, jsonb_array_length(o.basket->'orders') as orders,
    (select count(*) from jsonb_array_elements(o.basket->'demand') d join inventory.stock_reservations r on r.id = o.id || '/' || (d->>'sku')) as held,
    (select count(*) from orders.orders x where x.checkout_id = o.id) as created,
    (select count(*) from orders.orders x where x.checkout_id = o.id and x.status <> 'created') as confirmed
  from open o left join payments.payment_intents i on i.id = 'pay-' || o.id)
select case
  when stage in ('cancelling', 'compensating', 'refunding') then stage
  when payment in ('cancelling', 'cancelled', 'failed') then 'turning-back'
  when payment in ('captured', 'partially-refunded', 'refunded') then 'settling'
  when payment = 'capturing' then 'capturing'
  when payment = 'authorised' or (payment is null and confirmed > 0) then 'confirming'
  when payment = 'requires-action' then 'action-required'
  when payment is not null or created = orders then 'paying'
  when held = skus then 'creating'
  else 'reserving' end as stage, count(*)::int as n
from facts group by 1`;

/** How many checkouts stood in which stage; of a dead process's tables. */
export const openStages = (databaseUrl: string): Promise<Readonly<Record<string, number>>> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ stage: string; n: number }>(OPEN);
    return Object.fromEntries(rows.map(({ stage, n }) => [stage, n]));
  });
