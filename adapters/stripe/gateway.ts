/**
 * Stripe: PaymentIntents with manual capture. Each carries our payment and attempt in its metadata, by which it is found
 * when its answer was lost.
 */
import type Stripe from 'stripe';
import type {
  Authorisation,
  Cancellation,
  Gateway,
  GatewayCall,
  GatewayQuestion,
  ReferredCall,
} from '../../actors/ports/gateway.ts';
import type { GatewayResult } from '../../contracts/payments.ts';
import { toStripe } from './amounts.ts';
import { openStripe, REMEMBERED, type StripeOptions, underKey } from './client.ts';
import { disputesOf, methodsOf, transfersOf } from './desks.ts';
import { missedBy, movementsOf } from './lists.ts';
import { authorisation, cancelOf, captureOf, OURS, refundOf } from './results.ts';
import { failed, orTrouble, refusalIn } from './troubles.ts';

/** Stripe's list is exact at once; its search is told of new things within a minute. Seconds that are listed. */
const LISTED = 900;
const WITH_FEE = { expand: ['latest_charge.balance_transaction'] };

const refused = (code: string, message: string): GatewayResult => ({ outcome: 'failed', code, message });
const NOT_EXACT = refused('amount_not_supported', 'Stripe cannot take exactly this amount in this currency.');
const TOO_OLD = refused('attempt_expired', 'The attempt is older than its key is remembered.');

/** `tok_...` are tokens of the older kind, `ctoken_...` come from the payment element. */
const methodOf = (token: string): Partial<Stripe.PaymentIntentCreateParams> => {
  if (token.startsWith('ctoken_')) return { confirmation_token: token };
  if (!token.startsWith('tok_')) return { payment_method: token };
  return { payment_method_data: { type: 'card', card: { token } } as never };
};

export const stripeGateway = (options: StripeOptions): Gateway => {
  const stripe = openStripe(options);
  const { paymentIntents, refunds } = stripe;

  /** By the key of the authorisation, wherever its answer went. */
  const locate = async (key: string): Promise<Stripe.PaymentIntent | undefined> => {
    const gte = Math.floor(Date.now() / 1000) - LISTED;
    for await (const intent of paymentIntents.list({ created: { gte }, limit: 100 }))
      if (intent.metadata[OURS.key] === key) return intent;
    const { data } = await paymentIntents.search({ query: `metadata['${OURS.key}']:'${key}'`, limit: 1 });
    return data[0];
  };
  const intentOf = (reference: string | undefined, key: string): Promise<Stripe.PaymentIntent | undefined> =>
    orTrouble(reference ? paymentIntents.retrieve(reference, WITH_FEE) : locate(key));

  const FIND: Readonly<
    Record<GatewayQuestion['kind'], (asked: GatewayQuestion) => Promise<GatewayResult | undefined>>
  > = {
    authorise: async ({ key, reference }) => {
      const named = reference ? await intentOf(reference, key) : undefined;
      // The name may be that of an earlier attempt.
      const intent = named?.metadata[OURS.key] === key ? named : await intentOf(undefined, key);
      return intent && authorisation(intent);
    },
    capture: async ({ reference, authorisationKey }) => {
      const intent = await intentOf(reference, authorisationKey);
      return intent && captureOf(intent);
    },
    cancel: async ({ reference, authorisationKey }) => {
      const intent = await intentOf(reference, authorisationKey);
      return intent && cancelOf(intent);
    },
    refund: async ({ key, reference }) => {
      if (!reference) return undefined;
      const ours = async () => {
        for await (const refund of refunds.list({ payment_intent: reference, limit: 100 }))
          if (refund.metadata?.[OURS.key] === key) return refundOf(refund);
        return undefined;
      };
      return orTrouble(ours());
    },
  };
  const find = (asked: GatewayQuestion) => FIND[asked.kind](asked);

  /** Makes a call; a refusal of something that was done before is answered by how that stands. */
  const make = async (
    question: GatewayQuestion,
    send: (idempotencyKey: string, amount: number) => Promise<GatewayResult>,
  ): Promise<GatewayResult> => {
    const amount = toStripe(question.amount, question.currency);
    if (amount === undefined) return NOT_EXACT;
    try {
      return await underKey(
        question.key,
        (key) => send(key, amount),
        () => find(question),
      );
    } catch (error) {
      const refusal = refusalIn(error);
      const before = question.kind === 'authorise' ? undefined : await find(question);
      return before ?? failed(refusal);
    }
  };
  const metadata = ({ key, paymentId }: GatewayCall) => ({ [OURS.key]: key, [OURS.payment]: paymentId });
  const asked = (kind: GatewayQuestion['kind'], call: GatewayCall & Partial<Cancellation>): GatewayQuestion => ({
    ...call,
    kind,
    authorisationKey: call.authorisationKey ?? call.key,
  });

  return {
    name: 'stripe',
    can: { captureParts: true, cancel: 'voids', pays: 'token' },
    find,
    authorise: async (call: Authorisation) => {
      if (call.startedAt && Date.now() - Date.parse(call.startedAt) > REMEMBERED) return TOO_OLD;
      return make(asked('authorise', call), async (idempotencyKey, amount) => {
        const params: Stripe.PaymentIntentCreateParams = {
          amount,
          currency: call.currency.toLowerCase(),
          capture_method: 'manual',
          confirm: true,
          ...methodOf(call.token),
          automatic_payment_methods: { enabled: true },
          return_url: call.returnUrl ?? options.returnUrl(),
          customer: call.customer,
          transfer_group: call.paymentId,
          metadata: metadata(call),
        };
        return authorisation(await paymentIntents.create(params, { idempotencyKey }));
      });
    },
    capture: (call: ReferredCall) =>
      make(asked('capture', call), async (idempotencyKey, amount) => {
        const params = { amount_to_capture: amount, ...WITH_FEE };
        const intent = await paymentIntents.capture(call.reference, params, { idempotencyKey });
        return captureOf(intent) ?? { outcome: 'pending', reference: intent.id };
      }),
    cancel: async (call: Cancellation) => {
      const reference = call.reference ?? (await orTrouble(locate(call.authorisationKey)))?.id;
      const { amount, currency } = call;
      // Should the authorisation arrive later after all, its success finds the payment cancelled and is voided.
      if (!reference) return { outcome: 'succeeded', reference: '', amount, currency };
      return make(asked('cancel', { ...call, reference }), async (idempotencyKey) => {
        const intent = await paymentIntents.cancel(reference, {}, { idempotencyKey });
        return cancelOf(intent) ?? { outcome: 'pending', reference };
      });
    },
    refund: (call: ReferredCall) =>
      make(asked('refund', call), async (idempotencyKey, amount) => {
        const params = { payment_intent: call.reference, amount, metadata: metadata(call) };
        return refundOf(await refunds.create(params, { idempotencyKey }));
      }),
    methods: methodsOf(stripe, options.returnUrl),
    transfers: transfersOf(stripe),
    disputes: disputesOf(stripe),
    movements: (period) => movementsOf(stripe, period),
    missed: (since) => missedBy(stripe, since),
  };
};
