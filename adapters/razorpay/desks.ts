/** Razorpay beside payments: sellers' accounts (Route), disputes, and the settlement report. */
import type Razorpay from 'razorpay';
import type { Dispute, Disputes, Movement, Period, TransferResult, Transfers } from '../../actors/ports/gateway.ts';
import { ifThere, orTrouble, refusalIn } from './client.ts';
import { type DisputeEntity, type Listed, noteOf, OURS, type ReconLine, type Transfer } from './entities.ts';

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const seconds = (instant: string): number => Math.floor(Date.parse(instant) / 1000);

const moved = ({ id, amount, currency }: Transfer): TransferResult => ({
  outcome: 'succeeded',
  reference: id,
  amount,
  currency,
});
const byKey = (items: readonly Transfer[], key: string): TransferResult | undefined => {
  const found = items.find(({ notes }) => noteOf(notes, OURS.key) === key);
  return found && moved(found);
};

/** Transfers have no key of their own: what was made before is looked for first. */
export const transfersOf = ({ payments, transfers, api }: Razorpay): Transfers => {
  const reversalsOf = (transfer: string) =>
    api.get({ url: `/transfers/${transfer}/reversals`, data: {} } as never) as Promise<unknown>;
  const findTransfer: Transfers['findTransfer'] = async ({ key, reference }) =>
    byKey(((await orTrouble(payments.fetchTransfer(reference))) as unknown as Listed<Transfer>).items, key);
  const findReversal: Transfers['findReversal'] = async ({ key, transfer }) =>
    byKey(((await orTrouble(reversalsOf(transfer))) as Listed<Transfer>).items, key);
  return {
    findTransfer,
    findReversal,
    transfer: async (call) => {
      const before = await findTransfer(call);
      if (before) return before;
      const { key, account, amount, currency, reference, paymentId } = call;
      const notes = { [OURS.key]: key, [OURS.payment]: paymentId };
      const order = { transfers: [{ account, amount, currency, notes, on_hold: false }] };
      try {
        const { items } = (await payments.transfer(reference, order as never)) as unknown as Listed<Transfer>;
        return moved(items[0]!);
      } catch (error) {
        return { outcome: 'failed', ...refusalIn(error) };
      }
    },
    reverse: async (call) => {
      const before = await findReversal(call);
      if (before) return before;
      const { key, transfer, amount } = call;
      try {
        const order = { amount, notes: { [OURS.key]: key } };
        return moved((await transfers.reverse(transfer, order as never)) as unknown as Transfer);
      } catch (error) {
        return { outcome: 'failed', ...refusalIn(error) };
      }
    },
  };
};

const STANDING: Readonly<Record<DisputeEntity['status'], Dispute['status']>> = {
  open: 'needs-response',
  under_review: 'under-review',
  won: 'won',
  lost: 'lost',
  closed: 'won',
};
const disputeOf = (dispute: DisputeEntity): Dispute => ({
  reference: dispute.id,
  payment: dispute.payment_id,
  amount: dispute.amount,
  taken: dispute.amount_deducted,
  currency: dispute.currency,
  reason: dispute.reason_code,
  status: STANDING[dispute.status],
  openedAt: iso(dispute.created_at),
  evidenceDueBy: dispute.respond_by ? iso(dispute.respond_by) : undefined,
});

const PAGE = 100;
async function* paged<T>(page: (skip: number) => Promise<unknown>, size = PAGE): AsyncIterable<T> {
  for (let skip = 0; ; skip += size) {
    const { items } = (await orTrouble(page(skip))) as Listed<T>;
    yield* items;
    if (items.length < size) return;
  }
}

export const disputesOf = ({ disputes }: Razorpay): Disputes => ({
  find: async (reference) => {
    const found = (await ifThere(disputes.fetch(reference))) as unknown as DisputeEntity | undefined;
    return found && disputeOf(found);
  },
  list: async function* ({ since, until }) {
    const within = { from: seconds(since), to: seconds(until) - 1, count: PAGE };
    const found: DisputeEntity[] = [];
    for await (const one of paged<DisputeEntity>((skip) => disputes.all({ ...within, skip } as never))) found.push(one);
    yield* found.map(disputeOf).sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
  },
});

const KINDS: Readonly<Record<ReconLine['type'], Movement['kind']>> = {
  payment: 'charge',
  refund: 'refund',
  transfer: 'transfer',
  reversal: 'transfer-reversal',
  dispute: 'dispute',
  adjustment: 'other',
};
const movementOf = (line: ReconLine): Movement => {
  const net = line.credit - line.debit;
  const amount = net < 0 ? -line.amount : line.amount;
  return {
    reference: `${line.entity_id}/${line.type}`,
    kind: KINDS[line.type] ?? 'other',
    amount,
    fee: amount - net,
    net,
    currency: line.currency,
    source: line.entity_id,
    payment: line.type === 'payment' ? line.entity_id : (line.payment_id ?? undefined),
    key: noteOf(line.notes, OURS.key),
    at: iso(line.created_at),
    availableAt: line.settled_at ? iso(line.settled_at) : undefined,
  };
};

const DAY = 86_400_000;
const REPORT_PAGE = 1_000;
/** Razorpay reports by the day, and what is settled: fresh payments are not in it yet. */
export async function* movementsOf({ settlements }: Razorpay, { since, until }: Period): AsyncIterable<Movement> {
  const [from, to] = [Date.parse(since), Date.parse(until)];
  const found: Movement[] = [];
  for (let day = Math.floor(from / DAY) * DAY; day < to; day += DAY) {
    const date = new Date(day);
    const named = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    const page = (skip: number) => settlements.reports({ ...named, count: REPORT_PAGE, skip } as never);
    for await (const line of paged<ReconLine>(page, REPORT_PAGE)) found.push(movementOf(line));
  }
  yield* found.filter(({ at }) => at >= since && at < until).sort((a, b) => (a.at < b.at ? -1 : 1));
}
