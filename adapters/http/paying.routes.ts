/** How to pay: which providers take it, and the method for a checkout that waits for one. */
import { z } from 'zod';
import type { Commander } from '../../actors/ports/commander.ts';
import type { PaymentRouting } from '../../actors/ports/purchase.ts';
import type { CheckoutReader } from '../../actors/ports/readers.ts';
import type { CheckoutCommand } from '../../contracts/checkout.ts';
import { Currency, Id } from '../../contracts/common.ts';
import { GatewayName } from '../../contracts/payments.ts';
import { outcome, PURCHASE_RESPONSES } from './checkouts.replies.ts';
import { mine } from './checkouts.routes.ts';
import { Method, PaymentType, PurchaseProblem, ReturnUrl } from './checkouts.shapes.ts';
import { notFound } from './problems.ts';
import { replyTo } from './rejections.ts';
import { ok, type Route, refused, route } from './routes.ts';

export interface PayingPorts {
  readonly routing: PaymentRouting;
  readonly commander: Commander;
  readonly checkouts: CheckoutReader;
}

const Option = z.object({
  gateway: GatewayName,
  pays: z
    .enum(['token', 'checkout'])
    .describe('token: make one of the method first; checkout: the provider asks for it'),
  public_key: z.string().nullable().describe('what the provider’s library is opened with'),
  available: z.boolean().describe('false: it does not answer just now'),
});
/** Asked before a client makes a token, which only the provider that made it can charge. */
const options = ({ routing }: PayingPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/payment-options',
    summary: 'Who takes a payment in this currency, the preferred one first',
    tags: ['payments'],
    roles: ['public'],
    limit: 'read',
    query: z.object({
      currency: Currency,
      country: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .optional()
        .describe('where it is sent to'),
      method: PaymentType.optional(),
    }),
    responses: { 200: { description: 'Providers', data: z.array(Option) } },
    handle: async ({ query }) =>
      ok(routing.options(query).map(({ publicKey, ...option }) => ({ ...option, public_key: publicKey ?? null }))),
  });

const pay = ({ routing, commander, checkouts }: PayingPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/payments',
    summary: 'Pay a checkout that waits for a payment method; after a decline with another one. Prefer: wait=n',
    tags: ['payments'],
    roles: ['customer'],
    limit: 'purchase',
    body: z.object({ checkout_id: Id, payment: Method, return_url: ReturnUrl.optional() }),
    noCards: true,
    waits: true,
    responses: { ...PURCHASE_RESPONSES, 404: refused('There is no such checkout, or it is another’s') },
    problems: PurchaseProblem,
    handle: async ({ body, principal, wait, signal, meta }) => {
      const row = await mine({ checkouts }, body.checkout_id, principal);
      if (!row) return notFound('checkout');
      const settled = await routing.settle(body.payment, row);
      if ('rejection' in settled) return replyTo({ kind: 'rejected', rejection: settled.rejection }, () => ok(null));
      const command: CheckoutCommand = { type: 'PayCheckout', method: settled.method, returnUrl: body.return_url };
      const answer = await commander.ask('checkout', row.checkoutId, command, meta());
      const reply = answer.kind === 'accepted' ? await outcome(checkouts, row.checkoutId, { wait, signal }) : ok(null);
      return replyTo(answer, () => reply);
    },
  });

export const payingRoutes = (ports: PayingPorts): readonly Route[] => [options(ports), pay(ports)];
