/** Stripe beside payments: saved methods (customer and setup intent), sellers' accounts (Connect), disputes. */
import type Stripe from 'stripe';
import type { Dispute, Disputes, SavedMethods, SetUp, TransferResult, Transfers } from '../../actors/ports/gateway.ts';
import { fromStripe, toStripe } from './amounts.ts';
import { underKey } from './client.ts';
import { OURS } from './results.ts';
import { failed, orTrouble, refusalIn } from './troubles.ts';

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const idOf = (of: string | { readonly id: string } | null | undefined): string | undefined =>
  typeof of === 'string' ? of : of?.id;

const labelOf = ({ type, card }: Stripe.PaymentMethod): string =>
  card ? `${card.brand} ${card.last4} ${String(card.exp_month).padStart(2, '0')}/${card.exp_year}` : type;

const setUpOf = ({ id, status, payment_method: method, next_action: next, ...rest }: Stripe.SetupIntent): SetUp => {
  const token = idOf(method);
  if (status === 'succeeded' && token) return { outcome: 'saved', token };
  const url = next?.redirect_to_url?.url;
  if (status === 'requires_action' && url) return { outcome: 'requires-action', reference: id, url };
  const code = rest.last_setup_error?.decline_code ?? rest.last_setup_error?.code ?? status;
  return { outcome: 'failed', code, message: `${code.replaceAll('_', ' ')}.` };
};

/** What a refused call comes to, as `failed` says it without the payment's name. */
const refusedBy = (error: unknown) => {
  const { code, message } = failed(refusalIn(error)) as { code: string; message: string };
  return { outcome: 'failed', code, message } as const;
};

export const methodsOf = ({ customers, setupIntents, paymentMethods }: Stripe, home: () => string): SavedMethods => ({
  customer: async (userId) => {
    const known = await orTrouble(customers.search({ query: `metadata['${OURS.user}']:'${userId}'`, limit: 1 }));
    if (known.data[0]) return known.data[0].id;
    // The search lags behind; a repeat within a day gets the same customer by its key.
    const params = { metadata: { [OURS.user]: userId } };
    return (await orTrouble(customers.create(params, { idempotencyKey: `customer/${userId}` }))).id;
  },
  setUp: async ({ key, customer, token, returnUrl }) => {
    const params: Stripe.SetupIntentCreateParams = {
      customer,
      payment_method: token,
      confirm: true,
      usage: 'off_session',
      automatic_payment_methods: { enabled: true },
      return_url: returnUrl ?? home(),
      metadata: { [OURS.key]: key },
    };
    try {
      return setUpOf(await setupIntents.create(params, { idempotencyKey: key }));
    } catch (error) {
      return refusedBy(error);
    }
  },
  list: async (customer) => {
    const { data } = await orTrouble(customers.listPaymentMethods(customer, { limit: 100 }));
    return data.map((method) => ({ token: method.id, type: method.type, label: labelOf(method) }));
  },
  forget: async (customer, token) => {
    const { data } = await orTrouble(customers.listPaymentMethods(customer, { limit: 100 }));
    if (!data.some(({ id }) => id === token)) return false;
    await orTrouble(paymentMethods.detach(token));
    return true;
  },
});

const moved = ({ id, amount, currency }: Stripe.Transfer | Stripe.TransferReversal): TransferResult => ({
  outcome: 'succeeded',
  reference: id,
  ...fromStripe(amount, currency),
});
const NOT_EXACT: TransferResult = {
  outcome: 'failed',
  code: 'amount_not_supported',
  message: 'Stripe cannot move exactly this amount in this currency.',
};

/** Separate charges and transfers: the money comes from the charge, so that it need not be available yet. */
export const transfersOf = ({ transfers, paymentIntents }: Stripe): Transfers => {
  const findTransfer: Transfers['findTransfer'] = async ({ key, paymentId }) => {
    const look = async () => {
      for await (const transfer of transfers.list({ transfer_group: paymentId, limit: 100 }))
        if (transfer.metadata[OURS.key] === key) return moved(transfer);
      return undefined;
    };
    return orTrouble(look());
  };
  const findReversal: Transfers['findReversal'] = async ({ key, transfer }) => {
    const look = async () => {
      for await (const reversal of transfers.listReversals(transfer, { limit: 100 }))
        if (reversal.metadata?.[OURS.key] === key) return moved(reversal);
      return undefined;
    };
    return orTrouble(look());
  };
  return {
    findTransfer,
    findReversal,
    transfer: async (call) => {
      const amount = toStripe(call.amount, call.currency);
      if (amount === undefined) return NOT_EXACT;
      try {
        const { latest_charge: charge } = await paymentIntents.retrieve(call.reference);
        const params: Stripe.TransferCreateParams = {
          amount,
          currency: call.currency.toLowerCase(),
          destination: call.account,
          source_transaction: idOf(charge),
          transfer_group: call.paymentId,
          metadata: { [OURS.key]: call.key, [OURS.payment]: call.paymentId },
        };
        const send = async (idempotencyKey: string) => moved(await transfers.create(params, { idempotencyKey }));
        return await underKey(call.key, send, () => findTransfer(call));
      } catch (error) {
        return refusedBy(error);
      }
    },
    reverse: async (call) => {
      const amount = toStripe(call.amount, call.currency);
      if (amount === undefined) return NOT_EXACT;
      const params = { amount, metadata: { [OURS.key]: call.key } };
      try {
        const send = async (idempotencyKey: string) =>
          moved(await transfers.createReversal(call.transfer, params, { idempotencyKey }));
        return await underKey(call.key, send, () => findReversal(call));
      } catch (error) {
        return refusedBy(error);
      }
    },
  };
};

const STANDING: Readonly<Record<string, Dispute['status']>> = {
  warning_needs_response: 'warning',
  warning_under_review: 'warning',
  warning_closed: 'warning',
  needs_response: 'needs-response',
  under_review: 'under-review',
  won: 'won',
  prevented: 'won',
  lost: 'lost',
};
/** Told line by line, in the currency of the balance: another one than the dispute's says nothing. */
const feeOf = ({ balance_transactions: lines = [], currency }: Stripe.Dispute): number | undefined => {
  if (lines.length === 0 || lines.some((line) => line.currency !== currency)) return undefined;
  return fromStripe(
    lines.reduce((sum, { fee }) => sum + fee, 0),
    currency,
  ).amount;
};
const disputeOf = (dispute: Stripe.Dispute): Dispute => {
  const { id, amount, currency, reason, status, created, evidence_details: evidence } = dispute;
  return {
    reference: id,
    payment: idOf(dispute.payment_intent) ?? idOf(dispute.charge) ?? '',
    ...fromStripe(amount, currency),
    fee: feeOf(dispute),
    reason,
    status: STANDING[status] ?? 'under-review',
    openedAt: iso(created),
    evidenceDueBy: evidence?.due_by ? iso(evidence.due_by) : undefined,
  };
};

export const disputesOf = ({ disputes }: Stripe): Disputes => ({
  find: async (reference) => {
    try {
      return disputeOf(await disputes.retrieve(reference));
    } catch (error) {
      if (refusalIn(error).code === 'resource_missing') return undefined;
      throw error;
    }
  },
  list: async function* ({ since, until }) {
    const created = { gte: Math.floor(Date.parse(since) / 1000), lt: Math.ceil(Date.parse(until) / 1000) };
    const found: Stripe.Dispute[] = [];
    for await (const dispute of disputes.list({ created, limit: 100 })) found.push(dispute);
    yield* found.reverse().map(disputeOf);
  },
});
