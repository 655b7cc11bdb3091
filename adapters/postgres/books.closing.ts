/** Sums of the days that are over, so that a balance need not add up all entries that ever were. */
import type { Database } from './database.ts';

/**
 * Sums what was booked since the last closing and before `until`. Entries are booked when they are decided and may be
 * committed later: `until` must lie further back than any commit can take. False: it is closed already, or somebody else
 * closes; each closing begins where another ended, which the table itself sees to.
 */
export const closeBooks = async (database: Database, until: string): Promise<boolean> => {
  const text = `
    with last as (select coalesce(max(until), '-infinity') as since from payments.closings),
    made as (
      insert into payments.closings (until, since) select $1::timestamptz, since from last where since < $1::timestamptz
      on conflict do nothing returning until, since),
    summed as (
      insert into payments.closed_balances (account, currency, until, debits, credits)
      select p.account, p.currency, made.until, sum(p.debited), sum(p.credited) from payments.postings p, made
      where p.booked_at >= (select since from last) and p.booked_at < $1::timestamptz
      group by p.account, p.currency, made.until)
    select 1 from made`;
  return (await database.query(text, [until])).length > 0;
};
