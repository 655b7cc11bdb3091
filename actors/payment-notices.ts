/** A notice about a payment: its open attempts are asked about at the provider, and the payment's own rules decide. */
import type { Commander, Meta } from './ports/commander.ts';
import type { Gateway, GatewayNotice } from './ports/gateway.ts';
import { recordResult } from './results.ts';
import type { AttemptJob } from './roster.ts';

export interface PaymentLooks {
  /** Our payment by the provider's names for it. */
  readonly byReference: (references: readonly string[]) => Promise<string | undefined>;
  /** Attempts without a final result; undefined: there is no such payment (yet). */
  readonly openAttempts: (paymentId: string) => Promise<readonly AttemptJob[] | undefined>;
}

/** Undefined: the provider knows nothing of it, or the payment does not take it yet. */
const settle = async (
  gateway: Gateway,
  commander: Commander,
  attempt: AttemptJob,
  meta: Omit<Meta, 'id'>,
): Promise<boolean> => {
  const { attemptId: key, paymentId } = attempt;
  const result = await gateway.find({ ...attempt, key });
  if (!result) return false;
  const answer = await recordResult(commander, paymentId, key, result, meta);
  return answer.kind === 'accepted' || (answer.kind === 'rejected' && answer.rejection.type === 'ResultMismatch');
};

/**
 * A notice that names no call of ours is about the payment as a whole: every open attempt is asked about, and what the
 * provider has not heard of stays as it is. One that names a call waits until that one is known.
 */
export const paymentNotices =
  (gatewayOf: (attempt: AttemptJob) => Gateway, commander: Commander, looks: PaymentLooks) =>
  async ({ paymentId: named, key, references, eventId }: GatewayNotice): Promise<boolean> => {
    const paymentId = named ?? (await looks.byReference(references));
    const open = paymentId === undefined ? undefined : await looks.openAttempts(paymentId);
    if (!open) return false;
    const told = key === undefined ? open : open.filter(({ attemptId }) => attemptId === key);
    const settled = await Promise.all(
      told.map((attempt) =>
        // The provider told its own name for the payment: it may be news to us.
        settle(
          gatewayOf(attempt),
          commander,
          { ...attempt, reference: attempt.reference ?? references[0] },
          {
            correlationId: attempt.correlationId,
            causationId: eventId,
          },
        ),
      ),
    );
    return key === undefined || settled.every(Boolean);
  };
