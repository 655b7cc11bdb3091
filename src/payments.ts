/** Payments at work: calls to providers, their notices, and what nobody has in hand. */

import { disputeNotices, recordDispute } from '../actors/dispute-notices.ts';
import type { Provider } from '../actors/gateway-desk.ts';
import { Notices } from '../actors/notices.ts';
import { Outcalls } from '../actors/outcalls.ts';
import { paymentNotices } from '../actors/payment-notices.ts';
import type { Dispute, Gateway, GatewayNotice, NoticeSubject } from '../actors/ports/gateway.ts';
import { resultId } from '../actors/results.ts';
import type { AttemptJob } from '../actors/roster.ts';
import { Sweeper } from '../actors/sweeper.ts';
import { openAttempts, paymentByReference } from '../adapters/postgres/payments.reader.ts';
import { PostgresGatewayMarks, PostgresInbox, PostgresNoticeShelf } from '../adapters/postgres/webhook-inbox.ts';
import type { GatewayResult } from '../contracts/payments.ts';
import type { PaymentState } from '../domains/payments/payment-state.ts';
import type { Engine } from './engine.ts';
import { type GatewaysSetting, openGateways } from './gateways.ts';

/** Calls to providers on their way at once. */
const CONCURRENCY = 128;

/** An attempt as a call at the provider, under a key that is the attempt's own id. */
const callOf = (gateway: Gateway, job: AttemptJob): Promise<GatewayResult> => {
  const { attemptId: key, reference = '', token = '', ...call } = job;
  switch (job.kind) {
    case 'authorise':
      return gateway.authorise({ ...call, key, token });
    case 'capture':
      return gateway.capture({ ...call, key, reference });
    case 'cancel':
      return gateway.cancel({ ...call, key, reference: job.reference });
    case 'refund':
      return gateway.refund({ ...call, key, reference });
  }
};

const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed']);

export type PaymentsOptions = Omit<GatewaysSetting, 'registry'>;
export type Payments = ReturnType<typeof startPayments>;

export const startPayments = ({ engine, ...options }: PaymentsOptions & { readonly engine: Engine }) => {
  const { commander, registry, database } = engine;
  const { gateways, sandbox, installed, publicKeys } = openGateways({ ...options, registry });
  const gatewayOf = (job: AttemptJob) => gateways.of(job.gateway);
  const outcalls = new Outcalls<AttemptJob, GatewayResult>({
    name: 'payments',
    commander,
    registry,
    concurrency: CONCURRENCY,
    call: async (job) => callOf(gatewayOf(job), job),
    ask: async (job) => gatewayOf(job).find({ ...job, key: job.attemptId }),
    report: (job, result) => ({
      to: 'payment',
      key: job.paymentId,
      command: { type: 'RecordResult', attemptId: job.attemptId, result } as { type: string },
      id: resultId(job.attemptId, result),
    }),
  });

  const stateOf = async (paymentId: string): Promise<PaymentState | undefined> =>
    engine.regions.get('payment')?.read(paymentId, (seen) => seen as PaymentState);
  /** From memory where nothing is open, which is what most notices find. */
  const openOf = async (paymentId: string): Promise<readonly AttemptJob[] | undefined> => {
    const state = await stateOf(paymentId);
    if (!state || state.status === 'unknown') return undefined;
    if (state.attempts.every(({ status }) => FINAL.has(status))) return [];
    return openAttempts(database, { paymentId }, 100);
  };
  const byReference = (references: readonly string[]) => paymentByReference(database, references);
  const isCaptured = async (paymentId: string) => {
    const state = await stateOf(paymentId);
    return state !== undefined && state.status !== 'unknown' && state.captured > 0;
  };
  const takers: Partial<Record<NoticeSubject, (notice: GatewayNotice, gateway: string) => Promise<boolean>>> = {
    payment: paymentNotices(gatewayOf, commander, { byReference, openAttempts: openOf }),
    dispute: disputeNotices((name) => gateways.of(name), { commander, byReference, isCaptured }),
  };
  const inbox = new PostgresInbox(database);
  const providers: Readonly<Record<string, Provider>> = Object.fromEntries(
    installed.map(({ gateway: { name }, reader }) => {
      const take = async (notice: GatewayNotice) => (await takers[notice.about]?.(notice, name)) ?? false;
      return [name, { reader, notices: new Notices({ name, inbox, registry, take }) }];
    }),
  );
  const allNotices = Object.values(providers).map(({ notices }) => notices);
  const sweeper = new Sweeper({
    gateways: installed.flatMap(({ gateway }) => (gateway.missed ? [gateway] : [])),
    marks: new PostgresGatewayMarks(database),
    receive: (name, notice) => providers[name]!.notices.receive(notice),
  });

  /**
   * Takes up what nobody has in hand: webhooks to be sent and to be handled, and attempts without a result; those that wait
   * for the buyer are asked about, in case a webhook was lost, the less often the longer they wait.
   */
  const sweep = async (olderThan: number): Promise<number> => {
    await sandbox?.resume();
    for (const notices of allNotices) await notices.resume();
    const open = await openAttempts(database, { olderThan }, 5_000);
    const due = sweeper.due(open);
    for (const attempt of due) outcalls.start(attempt, true);
    return due.length;
  };

  return {
    gateways,
    publicKeys,
    sandbox: sandbox?.gateway,
    outcalls,
    providers,
    shelf: new PostgresNoticeShelf(database),
    openAttempts: openOf,
    /** Who handles notices about something; payments are taken from the start. */
    takers,
    /** Whoever learned of it, and not from a notice. */
    recordDispute: (gateway: string, dispute: Dispute) =>
      recordDispute({ commander, byReference, isCaptured }, gateway, dispute),
    sweep,
    /** What providers did not get delivered. */
    sweepMissed: () => sweeper.missed(),
    resume: () => sweep(0),
    stop: async () => {
      await outcalls.stop();
      for (const notices of allNotices) await notices.stop();
      await sandbox?.stop();
    },
  };
};
