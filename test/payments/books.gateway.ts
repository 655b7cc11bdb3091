/**
 * A provider's own books, in memory: charges, refunds, transfers, disputes and fees, each once under its key. What it owes
 * us is told from its lines alone, so that ours can be held against it.
 */
import type { DisputeFacts } from '../../contracts/books.ts';
import type { GatewayResult, PaymentEvent } from '../../contracts/payments.ts';

export type Call = Extract<PaymentEvent, { type: 'AttemptStarted' }>;
interface Line {
  readonly currency: string;
  readonly amount: number;
}
const DISPUTE_FEE = 15;
const OPEN: ReadonlySet<string> = new Set(['needs-response', 'under-review']);
const no: GatewayResult = { outcome: 'failed', code: 'no', message: 'No.' };

export const createGateway = () => {
  const lines = new Map<string, Line>();
  const answers = new Map<string, GatewayResult>();
  const disputes = new Map<string, DisputeFacts & { readonly paymentId: string }>();
  const captured = new Map<string, Line>();
  /** A line that is there already stays: the same key is one effect. */
  const line = (key: string, currency: string, amount: number) => {
    if (!lines.has(key)) lines.set(key, { currency, amount });
  };
  const goneOf = (paymentId: string): number =>
    [...lines].reduce((sum, [key, { amount }]) => (key.startsWith(`${paymentId}/refund`) ? sum - amount : sum), 0) +
    [...disputes.values()].reduce(
      (sum, one) => sum + (one.paymentId === paymentId && !['won', 'warning'].includes(one.status) ? one.amount : 0),
      0,
    );
  const effect = ({ attemptId, paymentId, kind, amount, currency }: Call): GatewayResult => {
    const done: GatewayResult = { outcome: 'succeeded', reference: `g-${paymentId}`, amount, currency };
    if (kind === 'capture') {
      captured.set(paymentId, { amount, currency });
      line(attemptId, currency, amount);
      line(`${attemptId}/fee`, currency, -7);
      return { ...done, fee: 7 };
    }
    if (kind !== 'refund') return done;
    if (amount > (captured.get(paymentId)?.amount ?? 0) - goneOf(paymentId)) return no;
    line(attemptId, currency, -amount);
    return done;
  };
  return {
    disputes,
    captured,
    /** What became of it the first time; `grants` false: refused, then and for ever. */
    call: (call: Call, grants: boolean): GatewayResult => {
      const answer = answers.get(call.attemptId) ?? (grants ? effect(call) : no);
      answers.set(call.attemptId, answer);
      return answer;
    },
    /** The bank asks: nothing has moved yet. Undefined: nothing was taken, or enough was asked. */
    dispute: (paymentId: string, part: number): string | undefined => {
      const taken = captured.get(paymentId);
      if (!taken || disputes.size > 3) return undefined;
      const [amount, reference] = [Math.min(part, taken.amount), `dp-${disputes.size}`];
      const about = { gateway: 'g', reference, amount, currency: taken.currency, reason: 'fraudulent', paymentId };
      disputes.set(reference, { ...about, taken: 0, fee: 0, status: 'warning', openedAt: '2026-03-01T00:00:00.000Z' });
      return reference;
    },
    /** Moves a dispute on, and the money with it: yen are taken only once they are lost, dollars while it is open. */
    moveDispute: (reference: string, status: DisputeFacts['status']) => {
      const before = disputes.get(reference);
      if (!before || before.status === 'won' || before.status === 'lost' || status === 'warning') return;
      const { amount, currency } = before;
      const isOut = status === 'lost' || (OPEN.has(status) && currency === 'USD');
      if (isOut) line(`${reference}/taken`, currency, -amount);
      if (status === 'won' && before.taken > 0) line(`${reference}/won`, currency, amount);
      line(`${reference}/fee`, currency, -DISPUTE_FEE);
      disputes.set(reference, { ...before, status, taken: isOut ? amount : 0, fee: DISPUTE_FEE });
    },
    held: (currency: string) =>
      [...disputes.values()].reduce(
        (sum, one) => sum + (one.currency === currency && OPEN.has(one.status) ? one.taken : 0),
        0,
      ),
    /** To a seller's account, or, below zero, back from it. */
    transfer: (key: string, currency: string, amount: number) => line(key, currency, -amount),
    fee: (key: string, currency: string, amount: number) => line(key, currency, -amount),
    owes: (currency: string) =>
      [...lines.values()].reduce((sum, one) => sum + (one.currency === currency ? one.amount : 0), 0),
  };
};
