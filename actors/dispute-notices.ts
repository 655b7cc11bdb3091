/** A notice about a dispute: the provider is asked how it stands, and the payment's own rules decide. */
import type { BookCommand, DisputeFacts } from '../contracts/books.ts';
import type { Commander } from './ports/commander.ts';
import type { Dispute, Gateway, GatewayNotice } from './ports/gateway.ts';

export interface DisputeLooks {
  /** Our payment by the provider's names for it. */
  readonly byReference: (references: readonly string[]) => Promise<string | undefined>;
  /** False: its capture is not known yet, and neither is what the dispute is about. */
  readonly isCaptured: (paymentId: string) => Promise<boolean>;
}

const OUT: ReadonlySet<Dispute['status']> = new Set(['needs-response', 'under-review', 'lost']);
const factsOf = (gateway: string, { payment: _, fee = 0, ...dispute }: Dispute): DisputeFacts => ({
  gateway,
  taken: OUT.has(dispute.status) ? dispute.amount : 0,
  ...dispute,
  reason: dispute.reason.slice(0, 200),
  fee,
});
/** Says what it told, so that the same news count once, whoever brings them. */
const idOf = ({ gateway, reference, status, amount, taken, fee, evidenceDueBy = '' }: DisputeFacts): string =>
  ['dispute', gateway, reference, status, amount, taken, fee, evidenceDueBy].join('/');

/** Brings a dispute into the books of its payment. False: nobody knows that payment, or not enough of it yet. */
export const recordDispute = async (
  { commander, ...looks }: DisputeLooks & { readonly commander: Commander },
  gateway: string,
  dispute: Dispute,
  { references = [], causationId }: { readonly references?: readonly string[]; readonly causationId?: string } = {},
): Promise<boolean> => {
  const paymentId = await looks.byReference([dispute.payment, ...references]);
  if (paymentId === undefined || !(await looks.isCaptured(paymentId))) return false;
  const facts = factsOf(gateway, dispute);
  const command: BookCommand = { type: 'RecordDispute', dispute: facts };
  const meta = { id: idOf(facts), correlationId: paymentId, causationId, resumed: true };
  return (await commander.ask('payment', paymentId, command, meta)).kind === 'accepted';
};

export const disputeNotices =
  (gatewayOf: (name: string) => Gateway, parts: DisputeLooks & { readonly commander: Commander }) =>
  async ({ subject, references, eventId }: GatewayNotice, name: string): Promise<boolean> => {
    const dispute = subject === undefined ? undefined : await gatewayOf(name).disputes?.find(subject);
    return dispute !== undefined && recordDispute(parts, name, dispute, { references, causationId: eventId });
  };
