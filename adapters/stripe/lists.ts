/** What Stripe lists page by page, newest first: lines of its balance, and events. Here oldest first. */
import type Stripe from 'stripe';
import type { GatewayNotice, Movement, Period } from '../../actors/ports/gateway.ts';
import { fromStripe } from './amounts.ts';
import { toNotice } from './notices.ts';
import { OURS } from './results.ts';
import { orTrouble } from './troubles.ts';

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const seconds = (instant: string): number => Math.floor(Date.parse(instant) / 1000);

const KINDS: Readonly<Record<string, Movement['kind']>> = {
  charge: 'charge',
  payment: 'charge',
  refund: 'refund',
  payment_refund: 'refund',
  refund_failure: 'refund',
  payment_failure_refund: 'refund',
  transfer: 'transfer',
  transfer_refund: 'transfer-reversal',
  transfer_cancel: 'transfer-reversal',
  payout: 'payout',
  payout_cancel: 'payout',
  payout_failure: 'payout',
  stripe_fee: 'fee',
};
/** Disputes are adjustments to Stripe; their category tells them. */
const kindOf = ({ type, reporting_category: category }: Stripe.BalanceTransaction): Movement['kind'] =>
  category.startsWith('dispute') ? 'dispute' : (KINDS[type] ?? 'other');

interface Source {
  readonly id: string;
  readonly payment_intent?: string | { readonly id: string } | null;
  readonly source_transaction?: string | null;
  readonly metadata?: Readonly<Record<string, string>> | null;
}
const movementOf = (line: Stripe.BalanceTransaction): Movement => {
  const { currency } = line;
  const source = line.source as unknown as Source | null;
  const intent = source?.payment_intent;
  const amountOf = (wire: number) => fromStripe(wire, currency).amount;
  return {
    reference: line.id,
    kind: kindOf(line),
    amount: amountOf(line.amount),
    fee: amountOf(line.fee),
    net: amountOf(line.net),
    currency: currency.toUpperCase(),
    source: source?.id,
    payment: typeof intent === 'string' ? intent : intent?.id,
    key: source?.metadata?.[OURS.key],
    at: iso(line.created),
    availableAt: iso(line.available_on),
  };
};

const all = async <T>(pages: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const one of pages) found.push(one);
  return found.reverse();
};

export async function* movementsOf(stripe: Stripe, { since, until }: Period): AsyncIterable<Movement> {
  const created = { gte: seconds(since), lt: seconds(until) };
  const pages = stripe.balanceTransactions.list({ created, limit: 100, expand: ['data.source'] });
  yield* (await orTrouble(all(pages))).map(movementOf);
}

/** Events that were not delivered to every endpoint; Stripe keeps them for 30 days. */
export async function* missedBy(stripe: Stripe, since: string): AsyncIterable<GatewayNotice> {
  const pages = stripe.events.list({ delivery_success: false, created: { gte: seconds(since) }, limit: 100 });
  yield* (await orTrouble(all(pages))).map(toNotice);
}
