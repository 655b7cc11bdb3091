/** Payment providers: the gateway, its calls, its notices. */

import { Notices } from '../actors/notices.ts';
import { Outcalls } from '../actors/outcalls.ts';
import type { Gateway } from '../actors/ports/gateway.ts';
import { resultId } from '../actors/results.ts';
import type { AttemptJob } from '../actors/roster.ts';
import { openAttempts } from '../adapters/postgres/payments.reader.ts';
import { PostgresInbox } from '../adapters/postgres/webhook-inbox.ts';
import { Books } from '../adapters/sandbox/books.ts';
import { SandboxGateway } from '../adapters/sandbox/gateway.ts';
import { noticeReader, WebhookSender } from '../adapters/sandbox/webhooks.ts';
import type { GatewayResult } from '../contracts/payments.ts';
import type { PaymentState } from '../domains/payments/payment-state.ts';
import type { Config } from './config.ts';
import type { Engine } from './engine.ts';

/** Calls to the provider on their way at once. */
const CONCURRENCY = 128;

/** An attempt as a call at the provider, under a key that is the attempt's own id. */
const callOf = (gateway: Gateway, job: AttemptJob): Promise<GatewayResult> => {
  const { attemptId: key, paymentId, amount, currency, reference = '', authorisationKey } = job;
  const call = { key, paymentId, amount, currency };
  switch (job.kind) {
    case 'authorise':
      return gateway.authorise({ ...call, token: job.token ?? '', returnUrl: job.returnUrl });
    case 'capture':
      return gateway.capture({ ...call, reference });
    case 'cancel':
      return gateway.cancel({ ...call, reference: job.reference, authorisationKey });
    case 'refund':
      return gateway.refund({ ...call, reference });
  }
};

const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed']);

export interface PaymentsOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  /** Where the sandbox provider sends its webhooks; undefined until the edge listens. */
  readonly webhookTarget: () => string | undefined;
  /** Where buyers answer the sandbox provider's challenges. */
  readonly challengeUrl: (reference: string) => string;
}

export type Payments = ReturnType<typeof startPayments>;

export const startPayments = ({
  config,
  databaseUrl,
  webhookTarget,
  challengeUrl,
  engine,
}: PaymentsOptions & { readonly engine: Engine }) => {
  const { commander, registry, database } = engine;
  const books = new Books(databaseUrl, config.databaseAppRole);
  const webhooks = new WebhookSender({ books, secret: config.sandboxWebhookSecret, target: webhookTarget });
  const gateway = new SandboxGateway({ books, webhooks, challengeUrl });
  const outcalls = new Outcalls<AttemptJob, GatewayResult>({
    name: 'payments',
    commander,
    registry,
    concurrency: CONCURRENCY,
    call: (job) => callOf(gateway, job),
    ask: (job) => gateway.find(job.attemptId),
    report: (job, result) => ({
      to: 'payment',
      key: job.paymentId,
      command: { type: 'RecordResult', attemptId: job.attemptId, result } as { type: string },
      id: resultId(job.attemptId, result),
    }),
  });
  const attemptsOf = async (paymentId: string) => {
    const region = engine.regions.get('payment');
    const state = (await region?.read(paymentId, (seen: PaymentState) => seen)) as PaymentState | undefined;
    return state && state.status !== 'unknown' ? state.attempts : [];
  };
  const notices = new Notices({
    gateway,
    inbox: new PostgresInbox(database),
    commander,
    registry,
    isSettled: async (paymentId, attemptId) =>
      (await attemptsOf(paymentId)).some((attempt) => attempt.attemptId === attemptId && FINAL.has(attempt.status)),
  });

  /**
   * Takes up what nobody has in hand: webhooks to be sent and to be handled, and attempts without a result; those that wait
   * for the buyer are asked about, in case a webhook was lost.
   */
  const sweep = async (olderThan: number): Promise<number> => {
    await webhooks.resume();
    await notices.resume();
    const open = await openAttempts(database, olderThan, 5_000);
    for (const { checkoutId, ...attempt } of open) outcalls.start({ ...attempt, correlationId: checkoutId }, true);
    return open.length;
  };

  return {
    gateway,
    sandbox: gateway,
    outcalls,
    sweep,
    openAttempts: async (paymentId: string) =>
      (await attemptsOf(paymentId)).filter(({ status }) => !FINAL.has(status)).map(({ attemptId }) => attemptId),
    providers: { sandbox: { reader: noticeReader([config.sandboxWebhookSecret]), notices } },
    resume: () => sweep(0),
    stop: async () => {
      await outcalls.stop();
      await notices.stop();
      await webhooks.stop();
      await books.close();
    },
  };
};
