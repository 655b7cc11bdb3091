/** Who may have money back, until when, for which reason; who need not be asked; and where the goods go. Pure tables. */
import type { Currency, Instant } from '../../contracts/common.ts';
import type {
  GoodsFate,
  RefundReason,
  RefundRejection,
  RequesterRole,
  SoldOrder,
  Wish,
} from '../../contracts/refunds.ts';
import { type Duration, days, plus } from '../kernel/time.ts';

export interface RefundPolicy {
  /** How long after the delivery buyers may ask; before it their time has not begun. Sellers and admins may always. */
  readonly window: Duration;
  /** How long goods are waited for. */
  readonly returnWithin: Duration;
  /** What a buyer gets of one order, in all, without anybody being asked. Minor units by currency; none: nothing. */
  readonly autoApprove: Readonly<Record<Currency, number>>;
}
export const DEFAULT_POLICY: RefundPolicy = { window: days(30), returnWithin: days(30), autoApprove: {} };

interface Rule {
  readonly by: readonly RequesterRole[];
  /** What kinds of wishes it may be the reason of. */
  readonly wishes: readonly Wish['of'][];
  /** Of goods that have left the warehouse. */
  readonly shipped: GoodsFate;
}
const ALL = ['buyer', 'seller', 'admin'] as const;
const OFFICE = ['seller', 'admin'] as const;
const ANY = ['all', 'pieces', 'line-amounts', 'amount'] as const;
export const REASONS: Readonly<Record<RefundReason, Rule>> = {
  'changed-mind': { by: ALL, wishes: ['all', 'pieces'], shipped: 'return' },
  damaged: { by: ALL, wishes: ANY, shipped: 'keep' },
  'wrong-item': { by: ALL, wishes: ANY, shipped: 'return' },
  'not-as-described': { by: ALL, wishes: ANY, shipped: 'return' },
  'not-delivered': { by: ALL, wishes: ['all', 'pieces'], shipped: 'keep' },
  'price-adjustment': { by: OFFICE, wishes: ['line-amounts', 'amount'], shipped: 'keep' },
  goodwill: { by: OFFICE, wishes: ['amount'], shipped: 'keep' },
};

/** Only pieces move; those that are still in the warehouse need not come back. */
export const fateOf = (reason: RefundReason, pieces: number, shipped: boolean): GoodsFate => {
  if (pieces === 0) return 'keep';
  return shipped ? REASONS[reason].shipped : 'restock';
};

export interface Asking {
  readonly order: SoldOrder;
  readonly reason: RefundReason;
  readonly wish: Wish;
  readonly as: RequesterRole;
}

const forbidden = ({ reason, wish, as }: Asking): string | undefined => {
  const { by, wishes } = REASONS[reason];
  if (!by.includes(as)) return `for ${by.join(' and ')} only`;
  return wishes.includes(wish.of) ? undefined : `for ${wishes.join(' or ')} only`;
};

/** What stands against it, whatever is left; undefined: nothing. */
export const objectionTo = (policy: RefundPolicy, asking: Asking, now: Instant): RefundRejection | undefined => {
  const { orderId, status, paymentId, paidAt, deliveredAt } = asking.order;
  const isPaid = paymentId !== undefined && paidAt !== undefined && status !== 'refunded';
  if (!isPaid) return { type: 'OrderNotRefundable', orderId, status };
  const detail = forbidden(asking);
  if (detail !== undefined) return { type: 'RefundReasonNotAllowed', reason: asking.reason, detail };
  const until = deliveredAt && plus(deliveredAt, policy.window);
  if (asking.as !== 'buyer' || until === undefined || now <= until) return undefined;
  return { type: 'RefundWindowOver', orderId, until };
};

/** Whoever decides about refunds approves the own wish; a buyer's is approved while it stays small. `before`: so already. */
export const isApprovedAtOnce = (
  { autoApprove }: RefundPolicy,
  { as, order }: Asking,
  amount: number,
  before: number,
): boolean => as !== 'buyer' || before + amount <= (autoApprove[order.currency] ?? 0);
