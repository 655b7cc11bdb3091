/** Which providers take a payment, for clients that are about to make a token. */
import { z } from 'zod';
import type { PaymentRouting } from '../../actors/ports/purchase.ts';
import { Currency } from '../../contracts/common.ts';
import { GatewayName } from '../../contracts/payments.ts';
import { PaymentType } from './checkouts.shapes.ts';
import { ok, type Route, route } from './routes.ts';

export interface PaymentOptionsPorts {
  readonly routing: Pick<PaymentRouting, 'options'>;
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
const options = ({ routing }: PaymentOptionsPorts): Route =>
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

export const paymentOptionsRoutes = (ports: PaymentOptionsPorts): readonly Route[] => [options(ports)];
