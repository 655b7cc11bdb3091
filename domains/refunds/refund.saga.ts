/**
 * An approved refund: the money first, then the goods.
 *
 *   reversing -> recording -> (restocking) -> closing -> done
 *      |             \-> awaiting -> restocking   (the goods came back)
 *      |                         \-> giving-up -> done   (they did not)
 *      \-> failing -> done   (the payment refused)
 *
 * Starts by the fact that a case was approved. The refund's id at the payment is the case's: however often it is asked for,
 * the money goes back once. Orders learn of it from the payment itself. Every state is durable: there are few.
 */
import type { Id, Instant } from '../../contracts/common.ts';
import type { InventoryCommand } from '../../contracts/inventory.ts';
import type { PaymentCommand, PaymentEvent } from '../../contracts/payments.ts';
import type { GoodsEnd, GoodsFate, RefundCommand, RefundEvent, RefundReason } from '../../contracts/refunds.ts';
import type { Outgoing, Saga, SagaInput } from '../kernel/saga.ts';

interface Approved {
  readonly orderId: Id;
  readonly sellerId: Id;
  readonly paymentId: Id;
  readonly amount: number;
  readonly reason: RefundReason;
  /** Pieces that go on the shelf when the time has come. */
  readonly pieces: readonly { readonly line: number; readonly sku: string; readonly quantity: number }[];
  readonly goods: GoodsFate;
  readonly returnBy?: Instant;
  /** The goods are here. */
  readonly returned: boolean;
}
export type RefundState =
  | { readonly stage: 'new' }
  | (Approved & { readonly stage: 'reversing' | 'recording' | 'awaiting' | 'giving-up' | 'done' })
  | (Approved & { readonly stage: 'failing'; readonly code: string })
  /** `open`: lines whose goods are not on the shelf yet. */
  | (Approved & { readonly stage: 'restocking'; readonly open: readonly number[] })
  | (Approved & { readonly stage: 'closing'; readonly end: GoodsEnd });
type Known = Exclude<RefundState, { stage: 'new' }>;
type Fact = RefundEvent | PaymentEvent;
export type RefundInput = SagaInput<never, Fact, never>;
export type RefundFlowCommand = PaymentCommand | InventoryCommand | RefundCommand;
type Step = Outgoing<RefundFlowCommand>;
type Rejection = { readonly type: string };

/** The events of refunds that mean something to this flow. */
export const REFUND_FACTS = ['RefundApproved', 'RefundReturned'] as const;

const start = (fact: Extract<Fact, { type: 'RefundApproved' }>): RefundState => {
  const { orderId, sellerId, paymentId, amount, reason, goods, returnBy } = fact;
  const pieces = fact.lines.filter(({ quantity }) => quantity > 0);
  return { stage: 'reversing', orderId, sellerId, paymentId, amount, reason, pieces, goods, returnBy, returned: false };
};

const restock = (state: Approved): RefundState => ({
  ...state,
  stage: 'restocking',
  open: state.pieces.map(({ line }) => line),
});
const afterMoney = (state: Approved): RefundState => {
  if (state.goods === 'keep') return { ...state, stage: 'closing', end: 'kept' };
  return state.goods === 'restock' || state.returned ? restock(state) : { ...state, stage: 'awaiting' };
};

/** Whatever comes twice, or too late to matter, finds another stage. */
const onFact = (state: RefundState, fact: Fact): RefundState => {
  if (state.stage === 'new') return fact.type === 'RefundApproved' ? start(fact) : state;
  switch (fact.type) {
    case 'PaymentRefunded':
      return state.stage === 'reversing' ? { ...state, stage: 'recording' } : state;
    case 'RefundFailed':
      return state.stage === 'reversing' ? { ...state, stage: 'failing', code: fact.code } : state;
    case 'RefundReturned':
      if (state.stage === 'awaiting') return restock({ ...state, returned: true });
      return state.stage === 'reversing' || state.stage === 'recording' ? { ...state, returned: true } : state;
    default:
      return state;
  }
};

const onAccepted = (state: Known, step: string): RefundState => {
  switch (state.stage) {
    case 'recording':
      return afterMoney(state);
    case 'restocking': {
      const open = state.open.filter((line) => stepName(line) !== step);
      return open.length > 0 ? { ...state, open } : { ...state, stage: 'closing', end: 'restocked' };
    }
    case 'giving-up':
    case 'failing':
    case 'closing':
      return { ...state, stage: 'done' };
    case 'reversing': // accepted is not yet refunded: the fact says so
    case 'awaiting':
    case 'done':
      return state;
  }
};

/** The payment may say no, and goods may come in the last moment. Anything else is a fault: it is seen, and tried again by hand. */
const onRejected = (state: Known, rejection: Rejection): RefundState => {
  if (state.stage === 'reversing') return { ...state, stage: 'failing', code: rejection.type };
  if (state.stage === 'giving-up') return restock({ ...state, returned: true });
  throw new Error(`${state.stage} was refused: ${JSON.stringify(rejection)}`);
};

const stepName = (line: number): string => `restock/${line}`;

const reversal = (caseId: Id, { orderId, sellerId, paymentId, amount, reason }: Approved): Step => {
  const allocations = [{ orderId, sellerId, amount }];
  const command: PaymentCommand = {
    type: 'RefundPayment',
    attemptId: caseId,
    refundId: caseId,
    amount,
    reason,
    allocations,
  };
  return { step: 'reverse', to: 'payment', key: paymentId, command };
};

const receipts = (caseId: Id, { pieces }: Approved, open: readonly number[]): readonly Step[] =>
  pieces
    .filter(({ line }) => open.includes(line))
    .map(({ line, sku, quantity }) => {
      const command: InventoryCommand = {
        type: 'ReceiveStock',
        receiptId: `${caseId}/${line}`,
        quantity,
        reason: 'refund',
      };
      return { step: stepName(line), to: 'inventory-item', key: sku, command };
    });

const stepsOf = (caseId: Id, state: RefundState): readonly Step[] => {
  if (state.stage === 'new') return [];
  const atBook = (step: string, command: RefundCommand): readonly Step[] => [
    { step, to: 'refund-book', key: state.orderId, command },
  ];
  switch (state.stage) {
    case 'reversing':
      return [reversal(caseId, state)];
    case 'recording':
      return atBook('record', { type: 'RecordReversal', caseId });
    case 'failing':
      return atBook('fail', { type: 'FailRefund', caseId, code: state.code });
    case 'restocking':
      return receipts(caseId, state, state.open);
    case 'giving-up':
      return atBook('give-up', { type: 'CloseRefund', caseId, goods: 'not-returned' });
    case 'closing':
      return atBook('close', { type: 'CloseRefund', caseId, goods: state.end });
    case 'awaiting':
    case 'done':
      return [];
  }
};

const react = (caseId: Id, state: RefundState, input: RefundInput): RefundState => {
  if (input.type === 'Fact') return onFact(state, input.fact);
  if (state.stage === 'new') return state;
  const isAsked = (step: string) => stepsOf(caseId, state).some((outgoing) => outgoing.step === step);
  switch (input.type) {
    case 'Accepted':
      return isAsked(input.step) ? onAccepted(state, input.step) : state;
    case 'Rejected':
      return isAsked(input.step) ? onRejected(state, input.rejection) : state;
    case 'DeadlinePassed':
      return state.stage === 'awaiting' ? { ...state, stage: 'giving-up' } : state;
    case 'Started':
    case 'Requested':
      return state;
  }
};

/** The key is the case's id. */
export const refund = (caseId: Id): Saga<RefundState, RefundInput, RefundFlowCommand, never> => ({
  initial: () => ({ stage: 'new' }),
  step: (state, input) => ({ state: react(caseId, state, input) }),
  outgoing: (state) => stepsOf(caseId, state),
  deadline: (state) => (state.stage === 'awaiting' ? state.returnBy : undefined),
  durable: () => true,
  closed: ({ stage }) => stage === 'done',
});
