/** What the edge may ask of payment providers: to take their notices, and to look how a payment stands. */
import type { Notices } from './notices.ts';
import type { Answer, Commander } from './ports/commander.ts';
import type { Gateway, NoticeReader } from './ports/gateway.ts';
import type { GatewayChecks, Webhooks } from './ports/purchase.ts';
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

const nothingOpen: Answer = { kind: 'accepted', version: 0, positions: {}, repeated: false };

/** Asks the provider about every attempt without a final result. */
export const gatewayChecks = (
  gateway: Gateway,
  commander: Commander,
  openAttempts: (paymentId: string) => Promise<readonly string[]>,
): GatewayChecks => ({
  verify: async (paymentId, meta) => {
    let answer: Answer = nothingOpen;
    for (const attemptId of await openAttempts(paymentId)) {
      const result = await gateway.find(attemptId);
      if (result) answer = await recordResult(commander, paymentId, attemptId, result, meta);
    }
    return answer;
  },
});
