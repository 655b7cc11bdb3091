/** What a buyer is told of a checkout: how far it is, its end, or what is asked of them. */
import type { Answer } from '../../actors/ports/commander.ts';
import type { CheckoutReader, CheckoutRow } from '../../actors/ports/readers.ts';
import { AcceptedShape, CompletedShape, home, linksOf, showCheckout } from './checkouts.shapes.ts';
import type { Refused } from './problems.ts';
import { codeOf, REJECTION_STATUS, replyTo } from './rejections.ts';
import { ok, type Reply, type Request, refused } from './routes.ts';
import { awaited, type Watch } from './watching.ts';

export const PURCHASE_RESPONSES = {
  201: { description: 'Completed while waiting', data: CompletedShape },
  202: { description: 'Accepted; Location is the status link', data: AcceptedShape },
  402: refused('The payment failed while waiting'),
};

/** Why a checkout ended without an order, as HTTP: a rejection's own status, 402 for the payment, else 409. */
const UNPAID: ReadonlySet<string> = new Set(['payment-declined', 'payment-cancelled', 'capture-refused']);
const statusOf = (reason: string): number =>
  UNPAID.has(reason) ? 402 : ((REJECTION_STATUS as Readonly<Record<string, number>>)[reason] ?? 409);
const aborted = (row: CheckoutRow): Refused => ({
  problem: {
    status: statusOf(row.reason ?? ''),
    code: codeOf(row.reason ?? 'CheckoutAborted'),
    detail: 'The checkout was aborted; nothing is charged and nothing is held.',
    extra: { checkout: showCheckout(row), ...(row.detail && { details: row.detail }) },
  },
});

export const OVER: ReadonlySet<string> = new Set(['completed', 'aborted']);
/** What a buyer must know of at once: the end, or that something is asked of them. */
const SETTLED: ReadonlySet<string> = new Set([...OVER, 'payment-required', 'action-required']);

export const watchOf =
  (checkouts: CheckoutReader, id: string): Watch<CheckoutRow> =>
  (after, signal) =>
    checkouts.watch(id, after, signal);
type Waiting = Pick<Request, 'wait' | 'signal'>;
/** The first state in `enough`, or the last one while the request waits. */
export const reached = (checkouts: CheckoutReader, id: string, enough: ReadonlySet<string>, waiting: Waiting) =>
  awaited(watchOf(checkouts, id), ({ status }) => enough.has(status), waiting.wait, waiting.signal());

export const accepted = (id: string, row: CheckoutRow | undefined): Reply => ({
  status: 202,
  data: row ? showCheckout(row) : { checkout_id: id, status: 'reserving', links: linksOf(id, []) },
  headers: { location: home(id) },
  message: 'accepted; follow the status link',
});
const completed = (row: CheckoutRow): Reply => ({
  status: 201,
  data: showCheckout(row),
  headers: { location: row.orderIds.length === 1 ? `/api/v1/orders/${row.orderIds[0]}` : home(row.checkoutId) },
  message: 'completed',
});
const declined = (row: CheckoutRow): Refused => ({
  problem: {
    status: 402,
    code: codeOf(row.reason!),
    detail: 'The payment was declined. All is held until the deadline: POST /payments with another method.',
    extra: { checkout: showCheckout(row), ...(row.detail && { details: row.detail }) },
  },
});
/** How far it has come, as a reply. */
const progress = (id: string, row: CheckoutRow | undefined): Reply => {
  if (row?.status === 'completed') return completed(row);
  if (row?.status === 'payment-required' && row.reason) return declined(row);
  return row?.status === 'aborted' ? aborted(row) : accepted(id, row);
};

/** What came of it, as far as the client wants to wait. `answer`: to the start of the checkout. */
export const follow = async (
  { checkouts }: { readonly checkouts: CheckoutReader },
  id: string,
  answer: Answer,
  request: Request,
): Promise<Reply> => {
  // What is refused now was perhaps taken when this very request came first.
  const before = answer.kind === 'rejected' ? await checkouts.byId(id) : undefined;
  if (answer.kind !== 'accepted' && !before) return replyTo(answer, () => ok(null));
  const reply = await outcome(checkouts, id, request, before);
  return answer.kind === 'accepted' ? replyTo(answer, () => reply) : reply;
};

/** The end of it or what is asked of the buyer, within the time that the client wants to wait; else how far it is. */
export const outcome = async (
  checkouts: CheckoutReader,
  id: string,
  request: Waiting,
  known?: CheckoutRow,
): Promise<Reply> => {
  const { wait } = request;
  if (wait <= 0) return progress(id, known ?? (await checkouts.byId(id)));
  const reply = progress(id, await reached(checkouts, id, SETTLED, request));
  return { ...reply, headers: { 'preference-applied': `wait=${wait}`, ...reply.headers } };
};
