/** What really happened: from the tables, the ledger and the provider's own books, not from what anybody was told. */
import { withClient } from '../kit/servers.ts';
import type { Tally } from './crowd.ts';

export interface Verdict {
  /** One line of the table: what, how many, and whether it is as it must be. */
  readonly lines: readonly { readonly what: string; readonly found: string; readonly right: boolean }[];
  readonly right: boolean;
}

const SQL = `
with sale as (select * from flashsales.flash_sales where id = $1),
 claims as (select *, split_part(id, '/', 1) as checkout_id from flashsales.flash_sale_claims where sale_id = $1),
 charges as (select c.* from sandbox.charges c join claims on c.payment_id = 'pay-' || claims.checkout_id),
 postings as (
   select debit as account, currency, amount from payments.ledger_entries
   union all select credit, currency, -amount from payments.ledger_entries),
 theirs as (
   select currency, sum(captured - refunded) as owed from sandbox.charges group by currency),
 fees as (
   select currency, sum((outcome ->> 'fee')::bigint) as fee from sandbox.operations
   where outcome ->> 'outcome' = 'succeeded' and outcome ? 'fee' group by currency)
select
  (select allocation from sale) as allocation,
  (select held from sale) as held,
  (select sold from sale) as sold,
  (select coalesce(sum(quantity), 0) from claims where status = 'sold') as claimed,
  (select count(*) from orders.orders o join claims on o.checkout_id = claims.checkout_id where o.status = 'paid') as paid_orders,
  (select coalesce(sum(i.quantity), 0) from orders.order_items i join orders.orders o on o.id = i.order_id
     join claims on o.checkout_id = claims.checkout_id where o.status = 'paid') as paid_units,
  (select count(*) from (select payment_id from charges where captured > 0 group by payment_id having count(*) > 1) t) as charged_twice,
  (select count(*) from charges c where c.captured > c.refunded and not exists (
     select from orders.orders o where 'pay-' || o.checkout_id = c.payment_id and o.status = 'paid')) as charged_for_nothing,
  (select count(*) from (select buyer_id from claims where status in ('held', 'sold') group by buyer_id
     having sum(quantity) > (select max_per_buyer from sale)) t) as above_limit,
  (select count(*) from unnest($2::text[]) told where not exists (
     select from orders.orders o where o.id = told and o.status = 'paid')) as told_and_not_paid,
  (select coalesce(sum(amount), 0) from postings) as ledger_sum,
  (select count(*) from (
     select t.currency from theirs t
     where t.owed - coalesce((select fee from fees f where f.currency = t.currency), 0)
       <> coalesce((select sum(amount) from postings p where p.account = 'gateway' and p.currency = t.currency), 0)) x) as ledgers_apart`;

export const judge = (databaseUrl: string, saleId: string, tally: Tally): Promise<Verdict> =>
  withClient(databaseUrl, async (admin) => {
    const { rows } = await admin.query<Record<string, string>>(SQL, [saleId, [...tally.orders]]);
    const found = Object.fromEntries(Object.entries(rows[0]!).map(([name, value]) => [name, Number(value)]));
    const { allocation = 0, held = 0, sold = 0, claimed, paid_units, paid_orders = 0 } = found;
    const zero = (what: string, name: string) => ({ what, found: String(found[name]), right: found[name] === 0 });
    const lines = [
      { what: 'units in the sale', found: `${allocation}`, right: allocation > 0 },
      { what: 'sold (sale = claims = paid orders)', found: `${sold}`, right: sold === claimed && sold === paid_units },
      { what: 'oversold', found: `${Math.max(0, sold + held - allocation)}`, right: sold + held <= allocation },
      zero('buyers above their limit', 'above_limit'),
      {
        what: 'paid orders, of which buyers were told',
        found: `${paid_orders}, ${tally.orders.size}`,
        right: tally.orders.size <= paid_orders,
      },
      zero('told paid, and not paid', 'told_and_not_paid'),
      zero('charged twice', 'charged_twice'),
      zero('charged for nothing', 'charged_for_nothing'),
      zero('ledger: debits less credits', 'ledger_sum'),
      zero('ledger against the provider: currencies apart', 'ledgers_apart'),
      {
        what: 'answers that nobody expected',
        found: tally.surprises.join(', ') || '0',
        right: tally.surprises.length === 0,
      },
    ];
    return { lines, right: lines.every((line) => line.right) };
  });

/** Nothing is under way any more: no open checkout but those whose buyers walked away, no claim waiting for its payment. */
export const isQuiet = (databaseUrl: string): Promise<boolean> =>
  withClient(databaseUrl, async (admin) => {
    const { rows } = await admin.query(
      `select count(*) as open from checkout.checkout_sessions where stage not in ('completed', 'aborted')`,
    );
    return Number(rows[0].open) === 0;
  });
