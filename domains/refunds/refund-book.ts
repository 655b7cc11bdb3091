/**
 * All refund cases of one order. One instance decides about all of them, so that two cases never get the same piece or the
 * same cent; the money itself is guarded once more by the payment, which gives back no more than it took.
 *
 *   requested -> approved -> reversed -> closed
 *            \           \-> return-awaited -> reversed (the goods are here) -> closed
 *             rejected    \-> failed (the payment refused; its lines are free again)
 */
import type { Id, Instant } from '../../contracts/common.ts';
import type { GoodsEnd, RefundCommand, RefundEvent, RefundRejection, RefundStatus } from '../../contracts/refunds.ts';
import { accept, type Decider, type Decision, reject } from '../kernel/decider.ts';
import { plus } from '../kernel/time.ts';
import { fateOf, isApprovedAtOnce, objectionTo, type RefundPolicy } from './eligibility.policy.ts';
import { planOf } from './plan.ts';
import {
  caseIn,
  evolve,
  type KnownBook,
  POLICY,
  type RefundBookState,
  type RefundCase,
  standing,
  sumOf,
} from './refund-state.ts';

type Answer = Decision<RefundEvent, RefundRejection>;
type Of<T extends RefundCommand['type']> = Extract<RefundCommand, { type: T }>;
type Requested = Extract<RefundEvent, { type: 'RefundRequested' }>;
type Approved = Extract<RefundEvent, { type: 'RefundApproved' }>;

/** Cases of one order, turned down ones included: what one actor keeps in memory. */
export const MOST_CASES = 200;

/** Of a case that stands in a known book. */
interface Desk {
  readonly policy: RefundPolicy;
  readonly book: KnownBook;
  readonly one: RefundCase;
  readonly now: Instant;
}
const about = ({ book, one, now }: Desk) => {
  const { orderId, buyerId, sellerId, currency } = book;
  return { orderId, caseId: one.caseId, buyerId, sellerId, amount: one.amount, currency, at: now };
};
const piecesIn = ({ lines }: Pick<RefundCase, 'lines'>): number => lines.reduce((sum, part) => sum + part.quantity, 0);

const approved = (desk: Desk, by: string, shipped: boolean): Approved => {
  const { policy, book, one, now } = desk;
  const goods = fateOf(one.reason, piecesIn(one), shipped);
  const returnBy = goods === 'return' ? plus(now, policy.returnWithin) : undefined;
  const lines = one.lines.map(({ line, sku, quantity }) => ({ line, sku, quantity }));
  const { paymentId } = book;
  return { type: 'RefundApproved', ...about(desk), paymentId, reason: one.reason, lines, goods, returnBy, by };
};

const approvedAlready = (state: RefundBookState): number =>
  sumOf(standing(state).filter(({ decidedBy }) => decidedBy === POLICY));

const request = (policy: RefundPolicy, state: RefundBookState, command: Of<'RequestRefund'>, now: Instant): Answer => {
  const { caseId, order, reason, wish, by, as } = command;
  const known = caseIn(state, caseId);
  if (known !== undefined) {
    const isSame = known.requestedBy === by && known.reason === reason;
    return isSame ? accept() : reject({ type: 'RefundIdTaken', caseId });
  }
  const { orderId, buyerId, sellerId, currency, gross } = order;
  if (state.stage === 'known' && state.cases.length >= MOST_CASES)
    return reject({ type: 'TooManyRefunds', orderId, most: MOST_CASES });
  const objection = objectionTo(policy, command, now);
  if (objection) return reject(objection);
  const plan = planOf(state, order, wish, reason === 'goodwill');
  if ('rejection' in plan) return plan;
  const shipped = order.shippedAt !== undefined;
  const whose = { orderId, caseId, buyerId, sellerId, paymentId: order.paymentId!, currency, gross, at: now };
  const opened: Requested = {
    type: 'RefundRequested',
    ...whose,
    ...plan,
    lines: [...plan.lines],
    reason,
    shipped,
    by,
    as,
  };
  if (!isApprovedAtOnce(policy, command, plan.amount, approvedAlready(state))) return accept(opened);
  const book = evolve(state, opened) as KnownBook;
  const desk: Desk = { policy, book, one: caseIn(book, caseId)!, now };
  const approver = as === 'buyer' ? POLICY : by;
  return accept<RefundEvent>(opened, approved(desk, approver, shipped));
};

const wrongStatus = ({ one }: Desk, wanted: string): Answer =>
  reject({ type: 'WrongRefundStatus', caseId: one.caseId, status: one.status, wanted });
const MONEY_IS_BACK: ReadonlySet<RefundStatus> = new Set(['reversed', 'return-awaited', 'closed']);

/** The seller of the order, or an admin; and nobody what they want for themselves. */
const mayDecide = ({ book, one }: Desk, { by, asSeller }: Of<'ApproveRefund'> | Of<'RejectRefund'>): boolean =>
  (asSeller === undefined || asSeller === book.sellerId) && !(one.requestedAs === 'buyer' && one.requestedBy === by);

const approve = (desk: Desk, command: Of<'ApproveRefund'>): Answer => {
  const { one } = desk;
  if (!mayDecide(desk, command)) return reject({ type: 'NotYourRefund', caseId: one.caseId });
  if (one.status === 'approved' || MONEY_IS_BACK.has(one.status)) return accept();
  if (one.status !== 'requested') return wrongStatus(desk, 'requested');
  return accept(approved(desk, command.by, command.shipped));
};

const turnDown = (desk: Desk, command: Of<'RejectRefund'>): Answer => {
  const { one } = desk;
  const { by, reason } = command;
  if (!mayDecide(desk, command)) return reject({ type: 'NotYourRefund', caseId: one.caseId });
  if (one.status === 'rejected') return accept();
  if (one.status !== 'requested') return wrongStatus(desk, 'requested');
  return accept({ type: 'RefundRejected', ...about(desk), reason, by });
};

const fail = (desk: Desk, { code }: Of<'FailRefund'>): Answer => {
  if (desk.one.status === 'failed') return accept();
  if (desk.one.status !== 'approved') return wrongStatus(desk, 'approved');
  return accept({ type: 'RefundCaseFailed', ...about(desk), code });
};

const reverse = (desk: Desk): Answer => {
  if (MONEY_IS_BACK.has(desk.one.status)) return accept();
  if (desk.one.status !== 'approved') return wrongStatus(desk, 'approved');
  return accept({ type: 'RefundReversed', ...about(desk) });
};

/** Also before the money is back: parcels do not wait for banks. */
const comeBack = (desk: Desk): Answer => {
  const { goods, returned, status } = desk.one;
  if (returned) return accept();
  const isAwaited = goods === 'return' && (status === 'approved' || status === 'return-awaited');
  return isAwaited ? accept({ type: 'RefundReturned', ...about(desk) }) : wrongStatus(desk, 'return-awaited');
};

/** Giving the goods up is refused when they came in the last moment: they are to go on the shelf first. */
const close = (desk: Desk, goods: GoodsEnd): Answer => {
  const { status, returned } = desk.one;
  if (status === 'closed') return accept();
  if (goods === 'not-returned' && returned) return wrongStatus(desk, 'return-awaited');
  if (status !== 'reversed' && !(status === 'return-awaited' && goods === 'not-returned'))
    return wrongStatus(desk, 'reversed');
  return accept({ type: 'RefundCompleted', ...about(desk), goods });
};

const decideKnown = (desk: Desk, command: Exclude<RefundCommand, Of<'RequestRefund'>>): Answer => {
  switch (command.type) {
    case 'ApproveRefund':
      return approve(desk, command);
    case 'RejectRefund':
      return turnDown(desk, command);
    case 'RecordReversal':
      return reverse(desk);
    case 'FailRefund':
      return fail(desk, command);
    case 'ReceiveReturn':
      return comeBack(desk);
    case 'CloseRefund':
      return close(desk, command.goods);
  }
};

/** The key of the aggregate is the order's id. */
export const refundBook = (
  _: Id,
  policy: RefundPolicy,
): Decider<RefundBookState, RefundCommand, RefundEvent, RefundRejection> => ({
  initial: () => ({ stage: 'unknown' }),
  decide: (command, state, now) => {
    if (command.type === 'RequestRefund') return request(policy, state, command, now);
    const one = caseIn(state, command.caseId);
    if (one === undefined) return reject({ type: 'UnknownRefund', caseId: command.caseId });
    return decideKnown({ policy, book: state as KnownBook, one, now }, command);
  },
  evolve,
});
