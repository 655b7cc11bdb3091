/**
 * Razorpay's webhooks: `X-Razorpay-Signature` is the hex HMAC-SHA256 of exactly the bytes that came. It has no time in it,
 * and a message is sent again for a day, so that only its id tells a repeat; the id is not signed, which is harmless: a
 * notice is a hint.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { GatewayNotice, NoticeReader, NoticeSubject } from '../../actors/ports/gateway.ts';
import { type Notes, noteOf, OURS } from './entities.ts';

interface Entity {
  readonly id?: string;
  readonly order_id?: string | null;
  readonly payment_id?: string | null;
  readonly notes?: Notes;
}
interface Told {
  readonly event: string;
  readonly payload: Readonly<Record<string, { readonly entity?: Entity } | undefined>>;
}
const ABOUT: readonly (readonly [prefix: string, NoticeSubject])[] = [
  ['payment.dispute.', 'dispute'],
  ['payment.', 'payment'],
  ['order.', 'payment'],
  ['refund.', 'payment'],
  ['transfer.', 'transfer'],
];

const toNotice = ({ event, payload }: Told, eventId: string): GatewayNotice => {
  const entities = Object.values(payload).flatMap((part) => part?.entity ?? []);
  const names = entities.flatMap(({ id, order_id, payment_id }) => [payment_id, order_id, id]);
  const known = names.filter((name) => typeof name === 'string' && /^(pay|order)_/.test(name)) as string[];
  return {
    eventId,
    type: event,
    about: ABOUT.find(([prefix]) => event.startsWith(prefix))?.[1] ?? 'nothing',
    paymentId: entities.map(({ notes }) => noteOf(notes, OURS.payment)).find((id) => id !== undefined),
    references: [...new Set(known)],
    subject: (payload.dispute?.entity ?? entities[0])?.id,
  };
};

const isTold = (value: unknown): value is Told =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Told).event === 'string' &&
  typeof (value as Told).payload === 'object' &&
  (value as Told).payload !== null;

/** Accepts any of `secrets`, so that one can be rotated. The SDK's own check does not compare in constant time. */
export const razorpayNotices = (secrets: readonly string[]): NoticeReader => ({
  read: (rawBody, headers) => {
    const signature = headers['x-razorpay-signature'];
    if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/.test(signature)) return undefined;
    const given = Buffer.from(signature, 'hex');
    const isOurs = (secret: string) => timingSafeEqual(createHmac('sha256', secret).update(rawBody).digest(), given);
    if (!secrets.some(isOurs)) return undefined;
    const told: unknown = JSON.parse(rawBody.toString('utf8'));
    if (!isTold(told)) throw new SyntaxError('not an event');
    const named = headers['x-razorpay-event-id'];
    const eventId = typeof named === 'string' ? named : `body_${createHash('sha256').update(rawBody).digest('hex')}`;
    return toNotice(told, eventId);
  },
});
