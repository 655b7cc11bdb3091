/** Stripe's webhooks: `Stripe-Signature: t=...,v1=...` over exactly the bytes that came. */
import Stripe from 'stripe';
import type { GatewayNotice, NoticeReader, NoticeSubject } from '../../actors/ports/gateway.ts';
import { OURS } from './results.ts';

/** Seconds by which a signature's time may differ from ours. */
const TOLERANCE = 300;

/** As much of what an event is about as we look at: names. Everything else is asked for. */
interface Told {
  readonly id?: string;
  readonly object?: string;
  readonly charge?: string | null;
  readonly payment_intent?: string | null;
  readonly metadata?: Readonly<Record<string, string>> | null;
}
const ABOUT: readonly (readonly [prefix: string, NoticeSubject])[] = [
  ['payment_intent.', 'payment'],
  ['refund.', 'payment'],
  ['charge.refund', 'payment'],
  ['charge.dispute.', 'dispute'],
  ['transfer.', 'transfer'],
];

export const toNotice = (event: Stripe.Event): GatewayNotice => {
  const { id, object, charge, payment_intent: intent, metadata } = event.data.object as Told;
  const names = [object === 'payment_intent' ? id : intent, charge];
  return {
    eventId: event.id,
    type: event.type,
    about: ABOUT.find(([prefix]) => event.type.startsWith(prefix))?.[1] ?? 'nothing',
    paymentId: metadata?.[OURS.payment],
    references: names.filter((name) => typeof name === 'string'),
    subject: id,
  };
};

const isEvent = (value: unknown): value is Stripe.Event =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  'type' in value &&
  typeof (value as { data?: { object?: unknown } }).data?.object === 'object';

/** Undefined: not signed by this secret, or too long ago. The SDK compares in constant time. */
const opened = (body: string, header: string, secret: string): Stripe.Event | undefined => {
  try {
    return Stripe.webhooks.constructEvent(body, header, secret, TOLERANCE);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return undefined;
    throw error;
  }
};

/** Accepts any of `secrets`, so that one can be rotated. */
export const stripeNotices = (secrets: readonly string[]): NoticeReader => ({
  read: (rawBody, headers) => {
    const header = headers['stripe-signature'];
    if (typeof header !== 'string') return undefined;
    const body = rawBody.toString('utf8');
    for (const secret of secrets) {
      const event = opened(body, header, secret);
      if (event && !isEvent(event)) throw new SyntaxError('not an event');
      if (event) return toNotice(event);
    }
    return undefined;
  },
});
