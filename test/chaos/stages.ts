/** Where a kill can be aimed at, by the stage of what is under way; and where everything really was when the process died. */
import { withClient } from '../kit/servers.ts';

/** Stage -> commits that happen in it or end it. */
export const AIMS = {
  reserving: ['checkout.checkout-started.v1', 'carts.cart-frozen.v1', 'inventory.stock-reserved.v1'],
  creating: ['orders.order-created.v1'],
  paying: ['payments.attempt-started.v1:authorise', 'sandbox.authorised', 'webhook.charge.authorised'],
  'action-required': [
    'sandbox.requires-action',
    'payments.payment-action-required.v1',
    'checkout.payment-initiated.v1',
  ],
  confirming: ['payments.payment-authorized.v1', 'orders.order-confirmed.v1'],
  capturing: ['payments.attempt-started.v1:capture', 'sandbox.capture', 'webhook.charge.capture'],
  settling: [
    'payments.payment-captured.v1',
    'inventory.reservation-confirmed.v1',
    'orders.order-paid.v1',
    'carts.cart-checked-out.v1',
  ],
  completed: ['checkout.checkout-completed.v1'],
  cancelling: ['payments.attempt-started.v1:cancel', 'sandbox.cancel'],
  compensating: [
    'payments.payment-failed.v1',
    'payments.payment-cancelled.v1',
    'orders.order-cancelled.v1',
    'inventory.reservation-released.v1',
    'carts.cart-thawed.v1',
  ],
  aborted: ['checkout.checkout-aborted.v1'],
  refund: ['payments.attempt-started.v1:refund', 'sandbox.refund', 'payments.payment-refunded.v1'],
  'sale-allocating': ['flashsales.flash-sale-scheduled.v1'],
  'sale-granting': ['inventory.stock-allocated.v1', 'flashsales.allocation-granted.v1'],
  claimed: ['flashsales.allocation-claimed.v1', 'flashsales.flash-sale-sold-out.v1'],
  'claim-closing': ['flashsales.claim-confirmed.v1', 'flashsales.allocation-returned.v1'],
  'sale-settling': ['flashsales.flash-sale-cancelled.v1', 'flashsales.flash-sale-ended.v1'],
  'sale-closing': ['inventory.allocation-settled.v1', 'flashsales.flash-sale-settled.v1'],
  'import-receiving': ['import.receiving', 'import.received'],
  'import-running': ['import.running', 'import.recorded', 'products.product-created.v1', 'inventory.stock-adjusted.v1'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type Stage = keyof typeof AIMS;
export const STAGES = Object.keys(AIMS) as Stage[];
/** Those of flash sales and imports. */
export const TRADE: readonly Stage[] = STAGES.filter((stage) => /^(sale|claim|import)/.test(stage));
/** Commits of which there are few. */
export const RARE: ReadonlySet<string> = new Set([
  ...AIMS.refund,
  ...AIMS.cancelling,
  ...AIMS['action-required'],
  ...TRADE.filter((stage) => stage !== 'import-running').flatMap((stage) => AIMS[stage]),
]);

/**
 * The stage of every open checkout by what is committed, which is further than the flow's own row: that is written only
 * where it must be.
 */
const OPEN = `
with promises as (select id from inventory.stock_reservations union all select id from flashsales.flash_sale_claims),
open as (
  select s.id, s.stage, s.state->'basket' as basket from checkout.checkout_sessions s where s.stage not in ('completed', 'aborted')),
facts as (
  select o.id, o.stage, i.status as payment, jsonb_array_length(o.basket->'demand') as skus, jsonb_array_length(o.basket->'orders') as orders,
    (select count(*) from jsonb_array_elements(o.basket->'demand') d join promises r on r.id = o.id || '/' || (d->>'sku')) as held,
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
from facts group by 1
union all
select 'sale-' || stage, count(*)::int from flashsales.allocation_flows where stage not in ('open', 'done') group by 1
union all
select 'claimed', count(*)::int from flashsales.flash_sale_claims c where c.status = 'held'
  and not exists (select from checkout.checkout_sessions s where s.id = split_part(c.id, '/', 1)) having count(*) > 0
union all
select 'import-' || status, count(*)::int from products.imports where status in ('receiving', 'running') group by 1`;

/** How many checkouts, sales and imports stood in which stage; of a dead process's tables. */
export const openStages = (databaseUrl: string): Promise<Readonly<Record<string, number>>> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ stage: string; n: number }>(OPEN);
    return Object.fromEntries(rows.map(({ stage, n }) => [stage, n]));
  });
