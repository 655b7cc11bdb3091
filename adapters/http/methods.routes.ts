/** Payment methods that a buyer keeps at providers, to pay with again. */
import { z } from 'zod';
import type { MethodDesk } from '../../actors/ports/purchase.ts';
import { Text } from '../../contracts/common.ts';
import { GatewayName, NextAction } from '../../contracts/payments.ts';
import { ReturnUrl } from './checkouts.shapes.ts';
import { notFound, problem, type Refused } from './problems.ts';
import { ok, type Reply, type Route, refused, route } from './routes.ts';

export interface MethodsPorts {
  readonly methods: MethodDesk;
}

const MethodShape = z.object({
  gateway: GatewayName,
  token: z.string().describe('pay with it: payment {token, gateway, saved: true}'),
  type: z.string(),
  label: z.string().describe('such as visa 4242 12/2030'),
});
const SavedShape = z.object({
  gateway: GatewayName,
  token: z.string().nullable(),
  next_action: NextAction.nullable().describe('the bank wants to see the buyer; afterwards the method is in the list'),
});
const Token = Text(200).describe('from the provider; never card data');
const tags = ['payments'];
const roles = ['customer'] as const;
const path = '/api/v1/me/payment-methods';

const list = ({ methods }: MethodsPorts): Route =>
  route({
    method: 'get',
    path,
    summary: 'The caller’s saved payment methods, asked of the providers',
    tags,
    roles,
    limit: 'read',
    responses: { 200: { description: 'Methods', data: z.array(MethodShape) } },
    handle: async ({ principal }) => ok([...(await methods.list(principal.userId))]),
  });

const NOT_KEPT = problem('validation_failed', 'This provider saves no methods apart from payments.', {
  errors: [{ field: 'body.gateway', code: 'unsupported', message: 'GET /payment-options names others' }],
});
const declined = (code: string, detail: string): Refused => ({
  problem: { status: 402, code: 'payment_method_declined', detail, extra: { details: { code } } },
});

const save = ({ methods }: MethodsPorts): Route =>
  route({
    method: 'post',
    path,
    summary: 'Save a method to pay with again; nothing is charged',
    tags,
    roles,
    limit: 'write',
    body: z.object({ token: Token, gateway: GatewayName.optional(), return_url: ReturnUrl.optional() }),
    noCards: true,
    responses: {
      201: { description: 'Saved', data: SavedShape },
      202: { description: 'The bank wants to see the buyer first', data: SavedShape },
      402: refused('Declined'),
    },
    handle: async ({ body, principal, commandId }): Promise<Reply> => {
      const { token, gateway: named, return_url: returnUrl } = body;
      const result = await methods.save(principal.userId, { gateway: named, token, returnUrl }, `method/${commandId}`);
      if (!result) return NOT_KEPT;
      const { gateway } = result;
      switch (result.outcome) {
        case 'saved':
          return { status: 201, data: { gateway, token: result.token, next_action: null } };
        case 'requires-action':
          return { status: 202, data: { gateway, token: null, next_action: { type: 'redirect', url: result.url } } };
        case 'failed':
          return declined(result.code, result.message);
      }
    },
  });

const forget = ({ methods }: MethodsPorts): Route =>
  route({
    method: 'delete',
    path: `${path}/{gateway}/{token}`,
    summary: 'Forget a saved method',
    tags,
    roles,
    limit: 'write',
    params: z.object({ gateway: GatewayName, token: Token }),
    responses: { 204: { description: 'Forgotten' } },
    handle: async ({ params, principal }) =>
      (await methods.forget(principal.userId, params.gateway, params.token))
        ? { status: 204 }
        : notFound('payment method'),
  });

export const methodsRoutes = (ports: MethodsPorts): readonly Route[] => [list(ports), save(ports), forget(ports)];
