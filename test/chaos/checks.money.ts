/** Money: our tables, our ledger and the provider's books tell the same story, to the cent. */
import { type Check, type Evidence, grouped, sumOf, type Tables, type Violation, violation } from './rows.ts';

type Intent = Tables['payments.payment_intents'];
type Entry = Tables['payments.ledger_entries'];
type Charge = Tables['sandbox.charges'];

const amount = ({ amount: minor }: { readonly amount: number }): number => minor;
/** Debits less credits of an account. */
const balanceOf = (entries: readonly Entry[], account: string): number =>
  sumOf(
    entries,
    (entry) => (entry.debit === account ? entry.amount : 0) - (entry.credit === account ? entry.amount : 0),
  );
const moved = (entries: readonly Entry[], debit: string, credit: string): number =>
  sumOf(
    entries.filter((entry) => entry.debit === debit && entry.credit === credit),
    amount,
  );

function* intentIsSound(intent: Intent, charges: readonly Charge[], entries: readonly Entry[]): Generator<Violation> {
  const { id, captured, refunded, currency } = intent;
  const theirs = { captured: sumOf(charges, (charge) => charge.captured), refunded: sumOf(charges, (c) => c.refunded) };
  if (captured !== theirs.captured)
    yield violation('payment equals provider', id, `captured ${captured}, the provider says ${theirs.captured}`);
  if (refunded !== theirs.refunded)
    yield violation('payment equals provider', id, `refunded ${refunded}, the provider says ${theirs.refunded}`);
  const booked = moved(entries, 'gateway', 'customer-clearing');
  const back = moved(entries, 'customer-clearing', 'gateway');
  if (booked !== captured || back !== refunded)
    yield violation('ledger equals payments', id, `booked ${booked} - ${back}, captured ${captured} - ${refunded}`);
  if (balanceOf(entries, 'customer-clearing') !== 0)
    yield violation('ledger is balanced', id, 'customer clearing is not at rest');
  if (entries.some((entry) => entry.currency !== currency))
    yield violation('ledger is balanced', id, 'booked in another currency');
  if (charges.filter((charge) => charge.captured > 0).length > 1)
    yield violation('charged once', id, `${charges.length} captured charges`);
}

export const payments: Check = function* ({ rows }) {
  const charges = grouped(rows['sandbox.charges'], ({ payment_id }) => payment_id);
  const entries = grouped(rows['payments.ledger_entries'], ({ payment_id }) => payment_id);
  for (const intent of rows['payments.payment_intents'])
    yield* intentIsSound(intent, charges(intent.id), entries(intent.id));
  const known = new Set(rows['payments.payment_intents'].map(({ id }) => id));
  for (const { payment_id, key } of rows['sandbox.charges'])
    if (!known.has(payment_id)) yield violation('payment equals provider', key, `of unknown payment ${payment_id}`);
};

const currencies = ({ rows }: Evidence): Set<string> =>
  new Set(rows['payments.ledger_entries'].map(({ currency }) => currency));

/** Over all payments: what the provider owes us by our ledger is what it owes us by its books, fees too. */
export const ledger: Check = function* (evidence) {
  const { rows } = evidence;
  const in_ = <T extends { readonly currency: string }>(all: readonly T[], currency: string) =>
    all.filter((row) => row.currency === currency);
  for (const currency of currencies(evidence)) {
    const entries = in_(rows['payments.ledger_entries'], currency);
    const accounts = new Set(entries.flatMap(({ debit, credit }) => [debit, credit]));
    const total = sumOf([...accounts], (account) => balanceOf(entries, account));
    if (total !== 0) yield violation('ledger is balanced', currency, `debits and credits differ by ${total}`);
    const charges = in_(rows['sandbox.charges'], currency);
    const done = in_(rows['sandbox.operations'], currency).filter(({ outcome }) => outcome.outcome === 'succeeded');
    const fees = sumOf(done, ({ outcome }) => outcome.fee ?? 0);
    const owed = sumOf(charges, ({ captured, refunded }) => captured - refunded) - fees;
    if (balanceOf(entries, 'gateway') !== owed)
      yield violation('ledger equals provider', currency, `gateway ${balanceOf(entries, 'gateway')}, theirs ${owed}`);
    if (balanceOf(entries, 'gateway-fees') !== fees)
      yield violation('ledger equals provider', currency, `fees ${balanceOf(entries, 'gateway-fees')}, theirs ${fees}`);
  }
};

/** What was promised to an admin was given back once; nothing was given back that nobody asked for. */
export const refunds: Check = function* ({ rows, history }) {
  const ours = grouped(rows['payments.refunds'], ({ id }) => id);
  const theirs = grouped(rows['sandbox.operations'], ({ key }) => key);
  const attempts = grouped(rows['payments.payment_attempts'], ({ id }) => id);
  for (const { id, attempt_id, amount: wanted } of rows['payments.refunds']) {
    const [done] = theirs(attempt_id);
    const [attempt] = attempts(attempt_id);
    if (!done || done.amount !== wanted) yield violation('refunded once', id, `the provider did ${done?.amount}`);
    else if ((attempt?.status === 'succeeded') !== (done.outcome.outcome === 'succeeded'))
      yield violation('refunded once', id, `${attempt?.status}, the provider says ${done.outcome.outcome}`);
  }
  for (const { what, status, data } of history)
    if (what === 'refund' && status === 202 && ours(String(data?.refund_id)).length !== 1)
      yield violation('refunded once', String(data?.refund_id), 'told under way, and not there');
  const asked = new Set(rows['payments.refunds'].map(({ attempt_id }) => attempt_id));
  for (const { key, kind } of rows['sandbox.operations'])
    if (kind === 'refund' && !asked.has(key))
      yield violation('refunded once', key, 'the provider gave back what nobody asked for');
};

/** What was given back is known by the order it was given back for. */
export const orderRefunds: Check = function* ({ rows }) {
  const shares = grouped(rows['payments.payment_allocations'], ({ order_id }) => order_id);
  for (const { id, status, gross, refunded } of rows['orders.orders']) {
    const back = sumOf(shares(id), (share) => share.refunded);
    if (back !== refunded) yield violation('orders know their refunds', id, `${refunded}, the payment says ${back}`);
    if ((status === 'refunded') !== (refunded > 0 && refunded === gross))
      yield violation('orders know their refunds', id, `${status} with ${refunded} of ${gross} given back`);
  }
};

const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed']);
/** After settling nothing is on its way. */
export const settledMoney: Check = function* ({ rows }) {
  for (const { id, kind, status } of rows['payments.payment_attempts'])
    if (!FINAL.has(status)) yield violation('nothing is left open', id, `${kind} is ${status}`);
  for (const { event_id, handled_at, error } of rows['payments.webhook_events'])
    if (handled_at === null) yield violation('nothing is left open', event_id, `webhook not handled: ${error}`);
  for (const { id, delivered_at } of rows['sandbox.webhooks'])
    if (delivered_at === null) yield violation('nothing is left open', id, 'webhook not delivered');
};

/** Each event of the provider is kept once, however often it was sent. */
export const webhooks: Check = function* ({ rows }) {
  const kept = new Set(rows['payments.webhook_events'].map(({ event_id }) => event_id));
  if (kept.size !== rows['payments.webhook_events'].length) yield violation('webhooks count once', 'all', 'kept twice');
  for (const { id, delivered_at } of rows['sandbox.webhooks'])
    if (delivered_at !== null && !kept.has(id.replace(/\.\d+$/, '')))
      yield violation('webhooks count once', id, 'delivered, and not kept');
  for (const [, done] of Map.groupBy(rows['payments.payment_transactions'], (row) => `${row.attempt_id} ${row.type}`))
    if (done.length > 1) yield violation('webhooks count once', done[0]!.attempt_id, `${done[0]!.type} twice`);
};
