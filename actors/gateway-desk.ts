/** What the edge may ask of payment providers: to take their notices, and to look how a payment stands. */
import type { Gateways } from './gateways.ts';
import type { Notices } from './notices.ts';
import type { PaymentLooks } from './payment-notices.ts';
import type { Answer, Commander } from './ports/commander.ts';
import type { NoticeReader } from './ports/gateway.ts';
import type { NoticeDesk, NoticeShelf, NoticeState } from './ports/inbox.ts';
import type { GatewayChecks, PaymentRouting, Webhooks } from './ports/purchase.ts';
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

export const paymentRouting = (
  gateways: Gateways,
  publicKeys: Readonly<Record<string, string | undefined>>,
): PaymentRouting => ({
  choose: (wish) => {
    const { currency, country } = wish;
    const found = gateways.choose(wish);
    if ('gateway' in found) return { gateway: found.gateway };
    if (found.refused === 'nobody')
      return { rejection: { type: 'NoGateway', currency, country, gateway: wish.gateway } };
    return { rejection: { type: 'GatewayAway', gateways: [...found.gateways], retryAfter: found.retryAfter } };
  },
  options: (wish) =>
    gateways.candidates(wish).map(({ gateway, isThere }) => ({
      gateway: gateway.name,
      pays: gateway.can.pays,
      publicKey: publicKeys[gateway.name],
      available: isThere,
    })),
});
