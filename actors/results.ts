/** A provider's answer on its way to the payment. */
import type { GatewayResult, PaymentCommand } from '../contracts/payments.ts';
import type { Answer, Commander, Meta } from './ports/commander.ts';

/** The command that a provider's answer comes back as; its id says what was answered, so that each answer counts once. */
export const recordResult = (
  commander: Commander,
  paymentId: string,
  attemptId: string,
  result: GatewayResult,
  { correlationId, causationId, traceparent }: Omit<Meta, 'id'>,
): Promise<Answer> => {
  const command: PaymentCommand = { type: 'RecordResult', attemptId, result };
  const id = resultId(attemptId, result);
  return commander.ask('payment', paymentId, command, { id, correlationId, causationId, traceparent, resumed: true });
};

export const resultId = (attemptId: string, result: GatewayResult): string => `${attemptId}/result/${result.outcome}`;
