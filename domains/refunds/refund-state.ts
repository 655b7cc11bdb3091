/** What is known of the refunds of one order: its cases. */
import type { Currency, Id, Instant } from '../../contracts/common.ts';
import type {
  CaseLine,
  GoodsEnd,
  GoodsFate,
  RefundEvent,
  RefundReason,
  RefundStatus,
  RequesterRole,
} from '../../contracts/refunds.ts';

/** Amounts in minor units of the order's currency. */
export interface RefundCase {
  readonly caseId: Id;
  readonly status: RefundStatus;
  readonly reason: RefundReason;
  readonly amount: number;
  readonly lines: readonly CaseLine[];
  readonly requestedBy: Id;
  readonly requestedAs: RequesterRole;
  readonly requestedAt: Instant;
  /** Who approved or rejected it; `policy` if nobody was asked. */
  readonly decidedBy?: string;
  readonly decidedAt?: Instant;
  /** Why it was rejected. */
  readonly decisionReason?: string;
  /** What is to become of the goods: from the approval on. */
  readonly goods?: GoodsFate;
  readonly returnBy?: Instant;
  readonly returned: boolean;
  readonly goodsEnd?: GoodsEnd;
  /** Why the payment refused. */
  readonly code?: string;
  readonly updatedAt: Instant;
}
export interface KnownBook {
  readonly stage: 'known';
  readonly orderId: Id;
  readonly buyerId: Id;
  readonly sellerId: Id;
  readonly paymentId: Id;
  readonly currency: Currency;
  readonly gross: number;
  /** In the order they were requested. */
  readonly cases: readonly RefundCase[];
}
export type RefundBookState = { readonly stage: 'unknown' } | KnownBook;
type Of<T extends RefundEvent['type']> = Extract<RefundEvent, { type: T }>;

/** Who approved what policy approved. */
export const POLICY = 'policy';
const GIVES_NOTHING: ReadonlySet<RefundStatus> = new Set(['rejected', 'failed']);
/** The cases that count: what they take of the order nobody else gets. */
export const standing = (state: RefundBookState): readonly RefundCase[] =>
  state.stage === 'unknown' ? [] : state.cases.filter(({ status }) => !GIVES_NOTHING.has(status));
export const sumOf = (parts: readonly { readonly amount: number }[]): number =>
  parts.reduce((sum, { amount }) => sum + amount, 0);
export const caseIn = (state: RefundBookState, caseId: Id): RefundCase | undefined =>
  state.stage === 'unknown' ? undefined : state.cases.find((each) => each.caseId === caseId);

const requested = (state: RefundBookState, event: Of<'RefundRequested'>): KnownBook => {
  const { orderId, buyerId, sellerId, paymentId, currency, gross, caseId, reason, amount, lines } = event;
  const opened: RefundCase = {
    caseId,
    status: 'requested',
    reason,
    amount,
    lines,
    requestedBy: event.by,
    requestedAs: event.as,
    requestedAt: event.at,
    returned: false,
    updatedAt: event.at,
  };
  const cases = state.stage === 'unknown' ? [opened] : [...state.cases, opened];
  return { stage: 'known', orderId, buyerId, sellerId, paymentId, currency, gross, cases };
};

type Change = (before: RefundCase) => Partial<RefundCase>;
const changed = (state: RefundBookState, { caseId, at }: { caseId: Id; at: Instant }, change: Change): KnownBook => {
  const book = state as KnownBook;
  const cases = book.cases.map((one) => (one.caseId === caseId ? { ...one, ...change(one), updatedAt: at } : one));
  return { ...book, cases };
};

const afterReversal = ({ goods, returned }: RefundCase): RefundStatus =>
  goods === 'return' && !returned ? 'return-awaited' : 'reversed';

export const evolve = (state: RefundBookState, event: RefundEvent): RefundBookState => {
  switch (event.type) {
    case 'RefundRequested':
      return requested(state, event);
    case 'RefundApproved': {
      const { by, at, goods, returnBy } = event;
      return changed(state, event, () => ({ status: 'approved', decidedBy: by, decidedAt: at, goods, returnBy }));
    }
    case 'RefundRejected': {
      const { by, at, reason } = event;
      return changed(state, event, () => ({
        status: 'rejected',
        decidedBy: by,
        decidedAt: at,
        decisionReason: reason,
      }));
    }
    case 'RefundReversed':
      return changed(state, event, (before) => ({ status: afterReversal(before) }));
    case 'RefundCaseFailed':
      return changed(state, event, () => ({ status: 'failed', code: event.code }));
    case 'RefundReturned':
      return changed(state, event, ({ status }) => ({
        status: status === 'return-awaited' ? 'reversed' : status,
        returned: true,
      }));
    case 'RefundCompleted':
      return changed(state, event, () => ({ status: 'closed', goodsEnd: event.goods }));
  }
};
