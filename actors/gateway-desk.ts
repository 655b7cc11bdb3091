/** What the edge may ask of payment providers: to take their notices, and to look how a payment stands. */
import type { Gateways } from './gateways.ts';
import type { Notices } from './notices.ts';
import type { PaymentLooks } from './payment-notices.ts';
import type { Answer, Commander } from './ports/commander.ts';
import type { NoticeReader } from './ports/gateway.ts';
import type { NoticeDesk, NoticeShelf, NoticeState } from './ports/inbox.ts';
import type { GatewayChecks, MethodDesk, PaymentRouting, Webhooks } from './ports/purchase.ts';
import { recordResult } from './results.ts';

export interface Provider {
  readonly reader: NoticeReader;
  readonly notices: Notices;
}

export const webhookDesk = (providers: Readonly<Record<string, Provider>>): Webhooks => ({
  receive: async (name, headers, body) => {
    const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
    if (!provider) return 'unknown-provider';
    try {
      const notice = provider.reader.read(Buffer.from(body.buffer, body.byteOffset, body.byteLength), headers);
      if (!notice) return 'bad-signature';
      return (await provider.notices.receive(notice)) ? 'stored' : 'again';
    } catch (error) {
      if (error instanceof SyntaxError) return 'malformed';
      throw error;
    }
  },
});

const done: Answer = { kind: 'accepted', version: 0, positions: {}, repeated: false };
const refused = (type: string, detail: object): Answer => ({ kind: 'rejected', rejection: { type, ...detail } });
const OVER: ReadonlySet<NoticeState> = new Set(['handled', 'discarded']);

/** What operators see of notices, and may do. */
export const noticeDesk = (shelf: NoticeShelf, providers: Readonly<Record<string, Provider>>): NoticeDesk => ({
  list: (filter, slice) => shelf.list(filter, slice),
  retry: async (provider, eventId) => {
    const row = await shelf.byId(provider, eventId);
    if (!row || !Object.hasOwn(providers, provider)) return undefined;
    if (OVER.has(row.state)) return refused('WebhookClosed', { eventId, state: row.state });
    return (await providers[provider]!.notices.retry(row.notice)) ? done : refused('StillFailing', { eventId });
  },
  discard: async (provider, eventId, reason) => {
    const row = await shelf.byId(provider, eventId);
    if (!row) return undefined;
    if (OVER.has(row.state)) return refused('WebhookClosed', { eventId, state: row.state });
    await shelf.discard(provider, eventId, reason);
    return done;
  },
});

export const gatewayChecks = (
  gateways: Gateways,
  commander: Commander,
  openAttempts: PaymentLooks['openAttempts'],
): GatewayChecks => ({
  verify: async (paymentId, meta, proof) => {
    let answer: Answer = done;
    for (const attempt of (await openAttempts(paymentId)) ?? []) {
      const { attemptId: key, reference = '' } = attempt;
      const gateway = gateways.of(attempt.gateway);
      if (proof && !gateway.proves?.({ ...proof, reference })) return 'bad-proof';
      const result = await gateway.find({ ...attempt, key });
      if (result) answer = await recordResult(commander, paymentId, key, result, meta);
    }
    return answer;
  },
});

export const methodDesk = (gateways: Gateways): MethodDesk => {
  const all = gateways.names.map((name) => gateways.of(name));
  const of = (name: string) => all.find((gateway) => gateway.name === name)?.methods;
  return {
    customer: async (name, buyerId) => of(name)?.customer(buyerId),
    list: async (buyerId) => {
      const each = all.map(async ({ name, methods }) => {
        const found = methods ? await methods.list(await methods.customer(buyerId)) : [];
        return found.map((method) => ({ ...method, gateway: name }));
      });
      return (await Promise.all(each)).flat();
    },
    save: async (buyerId, { gateway = gateways.of(undefined).name, token, returnUrl }, key) => {
      const methods = of(gateway);
      if (!methods?.setUp) return undefined;
      const customer = await methods.customer(buyerId);
      return { ...(await methods.setUp({ key, customer, token, returnUrl })), gateway };
    },
    forget: async (buyerId, name, token) => {
      const methods = of(name);
      return methods ? methods.forget(await methods.customer(buyerId), token) : false;
    },
  };
};

export const paymentRouting = (
  gateways: Gateways,
  publicKeys: Readonly<Record<string, string | undefined>>,
  methods: Pick<MethodDesk, 'customer'>,
): PaymentRouting => ({
  settle: async ({ token, gateway: named, type, saved }, { buyerId, currency, country }) => {
    const found = gateways.choose({ currency, country, method: type, gateway: named });
    const nobody = { rejection: { type: 'NoGateway', currency, country, gateway: named } };
    if ('refused' in found)
      return found.refused === 'nobody'
        ? nobody
        : { rejection: { type: 'GatewayAway', gateways: [...found.gateways], retryAfter: found.retryAfter } };
    const { gateway } = found;
    if (!saved) return { method: { token, gateway } };
    const customer = await methods.customer(gateway, buyerId);
    return customer ? { method: { token, gateway, customer } } : nobody;
  },
  options: (wish) =>
    gateways.candidates(wish).map(({ gateway, isThere }) => ({
      gateway: gateway.name,
      pays: gateway.can.pays,
      publicKey: publicKeys[gateway.name],
      available: isThere,
    })),
});
