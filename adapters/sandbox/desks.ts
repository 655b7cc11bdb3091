/** What the sandbox provider does beside payments: sellers' accounts, disputes, saved methods, and its balance. */
import { createHash } from 'node:crypto';
import type {
  Dispute,
  Disputes,
  Movement,
  Period,
  SavedMethods,
  TransferResult,
  Transfers,
} from '../../actors/ports/gateway.ts';
import type { Books } from './books.ts';
import { TOKENS } from './charge.ts';

const named = (prefix: string, key: string): string =>
  `${prefix}_${createHash('sha256').update(key).digest('base64url').slice(0, 24)}`;
const iso = (at: Date): string => at.toISOString();

interface TransferRow {
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
}
const TRANSFER = `reference, amount::float8 as amount, currency`;
const succeeded = (row: TransferRow | undefined): TransferResult | undefined => row && { outcome: 'succeeded', ...row };
const failed = (code: string, message: string): TransferResult => ({ outcome: 'failed', code, message });
const NO_ACCOUNT = failed('no_such_account', 'There is no such account.');
const TOO_MUCH = failed('amount_too_large', 'More than there is.');

const PAY = `insert into sandbox.transfers (key, reference, kind, charge, account, amount, currency)
  select $1, $2, 'transfer', c.reference, $4, $5::bigint, $6 from sandbox.charges c where c.reference = $3 and c.currency = $6
    and $5::bigint <= c.captured - (select coalesce(sum(case kind when 'transfer' then t.amount else -t.amount end), 0)
      from sandbox.transfers t where t.charge = $3)
  on conflict do nothing returning ${TRANSFER}`;
const TAKE_BACK = `insert into sandbox.transfers (key, reference, kind, charge, account, transfer, amount, currency)
  select $1, $2, 'reversal', w.charge, w.account, w.reference, $4::bigint, $5 from sandbox.transfers w
  where w.reference = $3 and w.kind = 'transfer' and w.currency = $5
    and $4::bigint <= w.amount - (select coalesce(sum(t.amount), 0) from sandbox.transfers t where t.transfer = $3)
  on conflict do nothing returning ${TRANSFER}`;
const LOCK_CHARGE = 'select from sandbox.charges where reference = $1 for update';
const LOCK_TRANSFER = 'select from sandbox.transfers where reference = $1 for update';

/** Never more than was captured, and never more back than was paid; what it comes from is locked meanwhile. */
export const transfersOf = (books: Books): Transfers => {
  const byKey = async (key: string) =>
    succeeded((await books.query<TransferRow>(`select ${TRANSFER} from sandbox.transfers where key = $1`, [key]))[0]);
  const make = async (lock: string, from: string, text: string, values: readonly [string, ...unknown[]]) => {
    const before = await byKey(values[0]);
    if (before) return before;
    const [row] = await books.queryUnder<TransferRow>(lock, from, text, values);
    return succeeded(row) ?? (await byKey(values[0])) ?? TOO_MUCH;
  };
  return {
    transfer: async ({ key, account, amount, currency, reference }) => {
      if (!account.startsWith('acct_')) return NO_ACCOUNT;
      return make(LOCK_CHARGE, reference, PAY, [key, named('tr', key), reference, account, amount, currency]);
    },
    reverse: async ({ key, transfer, amount, currency }) =>
      make(LOCK_TRANSFER, transfer, TAKE_BACK, [key, named('trr', key), transfer, amount, currency]),
    findTransfer: ({ key }) => byKey(key),
    findReversal: ({ key }) => byKey(key),
  };
};

interface DisputeShown extends Omit<Dispute, 'openedAt' | 'evidenceDueBy'> {
  readonly openedAt: Date;
  readonly dueBy: Date;
}
/** What a dispute costs, whoever wins it: minor units. */
const DISPUTE_FEE = 1_500;
const DISPUTE = `select reference, charge as payment, amount::float8 as amount, currency, ${DISPUTE_FEE}::float8 as fee, reason, status,
  opened_at as "openedAt", due_by as "dueBy" from sandbox.disputes`;
const toDispute = ({ openedAt, dueBy, ...row }: DisputeShown): Dispute => ({
  ...row,
  openedAt: iso(openedAt),
  evidenceDueBy: iso(dueBy),
});

export const disputesOf = (books: Books): Disputes => ({
  find: async (reference) => {
    const [row] = await books.query<DisputeShown>(`${DISPUTE} where reference = $1`, [reference]);
    return row && toDispute(row);
  },
  list: async function* ({ since, until }) {
    const text = `${DISPUTE} where opened_at >= $1 and opened_at < $2 order by opened_at`;
    for (const row of await books.query<DisputeShown>(text, [since, until])) yield toDispute(row);
  },
});

/** Test tokens are what a card is elsewhere. */
export const methodsOf = (books: Books): SavedMethods => ({
  customer: async (userId) => named('cus', userId),
  setUp: async ({ customer, token }) => {
    const manner = TOKENS[token];
    if (!manner || manner.status === 'failed')
      return { outcome: 'failed', code: manner?.code ?? 'invalid_token', message: 'The method cannot be saved.' };
    const text = 'insert into sandbox.methods values ($1, $2, $3) on conflict do nothing';
    await books.query(text, [customer, token, `sandbox ${token.slice(4)}`]);
    return { outcome: 'saved', token };
  },
  list: async (customer) => {
    const text = 'select token, label from sandbox.methods where customer = $1 order by token';
    const rows = await books.query<{ token: string; label: string }>(text, [customer]);
    return rows.map((row) => ({ ...row, type: 'sandbox' }));
  },
  forget: async (customer, token) => {
    const text = 'delete from sandbox.methods where customer = $1 and token = $2 returning token';
    return (await books.query(text, [customer, token])).length > 0;
  },
});

interface MovementRow extends Omit<Movement, 'net' | 'at'> {
  readonly at: Date;
}
/** The balance is not kept but told from what was done; so it cannot disagree with it. */
const LINES = `
  select 'txn_' || o.key as reference, case o.kind when 'capture' then 'charge' else 'refund' end as kind,
    case o.kind when 'capture' then o.amount else -o.amount end::float8 as amount, coalesce((o.outcome->>'fee')::float8, 0) as fee,
    o.currency, o.reference as source, o.reference as payment, o.key, o.at
  from sandbox.operations o where o.kind in ('capture', 'refund') and o.outcome->>'outcome' = 'succeeded'
  union all
  select 'txn_' || t.reference, case t.kind when 'transfer' then 'transfer' else 'transfer-reversal' end,
    case t.kind when 'transfer' then -t.amount else t.amount end::float8, 0, t.currency, t.reference, t.charge, t.key, t.at
  from sandbox.transfers t
  union all
  select 'txn_' || d.reference, 'dispute', -d.amount::float8, ${DISPUTE_FEE}, d.currency, d.reference, d.charge, null, d.opened_at
  from sandbox.disputes d
  union all
  select 'txn_' || d.reference || '_won', 'dispute', d.amount::float8, 0, d.currency, d.reference, d.charge, null, d.closed_at
  from sandbox.disputes d where d.status = 'won'`;

export async function* movementsOf(books: Books, { since, until }: Period): AsyncIterable<Movement> {
  const text = `select * from (${LINES}) lines where at >= $1 and at < $2 order by at, reference`;
  for (const { at, key, ...row } of await books.query<MovementRow>(text, [since, until]))
    yield { ...row, key: key ?? undefined, net: row.amount - row.fee, at: iso(at), availableAt: iso(at) };
}
