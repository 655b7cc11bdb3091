/** Payments against orders, a piece of time at a time. */
import type { Finding } from '../contracts/reconciliation.ts';
import { againstOrders, quietOf } from '../domains/reconciliation/orders.policy.ts';
import type { OrderBooks } from './ports/reconciliation.ts';
import type { Subject } from './reconciler.ts';

const HOUR = 3_600_000;

export interface OrdersParts {
  readonly books: OrderBooks;
  /** Milliseconds that a payment and its orders are given to hear of each other. */
  readonly grace: number;
}

export const ordersSubject = ({ books, grace }: OrdersParts): Subject => ({
  against: 'orders',
  piece: HOUR,
  grace,
  compare: async (period, now) => {
    const quietSince = new Date(Date.parse(now) - grace).toISOString();
    const findings = new Map<string, Finding>();
    const undecided = new Set<string>();
    let matched = 0;
    for await (const page of books.standings(period)) {
      const quiet = quietOf(page, quietSince);
      const found = againstOrders(quiet);
      for (const finding of found) findings.set(`${finding.kind}/${finding.reference}`, finding);
      for (const orderId of quiet.busy) undecided.add(orderId);
      matched += quiet.payments.length - new Set(found.map(({ paymentId }) => paymentId)).size;
    }
    return { matched: Math.max(0, matched), findings: [...findings.values()], undecided };
  },
});
