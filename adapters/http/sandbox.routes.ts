/** The sandbox provider's 3-D Secure page: outside `/api/v1`, like a real provider's it belongs to somebody else. */
import { z } from 'zod';
import type { ChallengeDesk } from '../../actors/ports/purchase.ts';
import { notFound } from './problems.ts';
import { ok, type Route, route } from './routes.ts';

export interface SandboxPorts {
  readonly challenges: ChallengeDesk;
}

const Reference = z.object({ reference: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/) });
const Answered = z.object({ reference: z.string(), status: z.string() });
const page = (reference: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox bank</title></head>
<body><h1>Sandbox bank: is this you?</h1><p>Payment ${reference}</p>
<form method="post" action="/sandbox/3ds/${reference}/approve"><button>Yes, pay</button></form>
<form method="post" action="/sandbox/3ds/${reference}/deny"><button>No, deny</button></form></body></html>
`;

export const sandboxRoutes = ({ challenges }: SandboxPorts): readonly Route[] => [
  route({
    method: 'get',
    path: '/sandbox/3ds/{reference}',
    summary: 'Where a buyer proves who they are, in the sandbox',
    tags: ['sandbox'],
    roles: ['public'],
    limit: 'read',
    params: Reference,
    responses: { 200: { description: 'The page', type: 'text/html' } },
    handle: async ({ params }) => ({
      file: page(params.reference),
      type: 'text/html',
      headers: { 'cache-control': 'no-store' },
    }),
  }),
  route({
    method: 'post',
    path: '/sandbox/3ds/{reference}/{answer}',
    summary: 'The buyer approves or denies',
    tags: ['sandbox'],
    roles: ['public'],
    limit: 'write',
    idempotent: false,
    params: Reference.extend({ answer: z.enum(['approve', 'deny']) }),
    responses: {
      200: { description: 'Answered', data: Answered },
      303: { description: 'Answered; on to where the buyer came from', data: Answered },
    },
    handle: async ({ params }) => {
      const charge = await challenges.answer(params.reference, params.answer === 'approve');
      if (!charge) return notFound('challenge');
      const data = { reference: params.reference, status: charge.status };
      return charge.returnUrl ? { status: 303, data, headers: { location: charge.returnUrl } } : ok(data);
    },
  }),
];
