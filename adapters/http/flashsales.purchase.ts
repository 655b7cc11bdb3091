/** Buying from a sale in one call: the claim first, then the checkout that finds it made. */
import type { z } from 'zod';
import type { Answer } from '../../actors/ports/commander.ts';
import type { FlashSaleDesk } from '../../actors/ports/flash-sales.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { Basket } from '../../contracts/checkout.ts';
import { follow, PURCHASE_RESPONSES } from './checkouts.replies.ts';
import { type CheckoutsPorts, refuse, start, wishOf } from './checkouts.routes.ts';
import { PurchaseProblem } from './checkouts.shapes.ts';
import { FlashPurchase } from './flashsales.shapes.ts';
import { notFound, problem } from './problems.ts';
import { rejected } from './rejections.ts';
import { type Reply, type Request, type Route, route } from './routes.ts';
import { ById, idFrom } from './shapes.ts';

interface PurchasePorts extends CheckoutsPorts {
  readonly flashSales: FlashSaleDesk;
}

const lapsed = (checkoutId: string): Answer => ({
  kind: 'rejected',
  rejection: { type: 'ClaimClosed', claimId: checkoutId, status: 'expired' },
});
/** Another purchase under a key that has claimed already, or was refused. */
const REUSED = problem(
  'idempotency_key_reused',
  'The same Idempotency-Key came with another purchase. Take a new key.',
);

type Buying = Request<Principal, z.output<typeof ById>, unknown, z.output<typeof FlashPurchase>>;
/**
 * Claimed by a former try of this request, and over: it was bought or not, or its checkout never began. One that did answers
 * a repeat, and refuses another purchase under the same key.
 */
const formerly = async (ports: PurchasePorts, id: string, basket: Basket, request: Buying, answer: Answer) =>
  (await ports.checkouts.byId(id)) ? start(ports, id, basket, request) : answer;

/** What is surely refused is told from memory; the others take their units before anything else is done. */
const buyNow = async (ports: PurchasePorts, request: Buying): Promise<Reply> => {
  const { params, body, principal, commandId, fingerprint } = request;
  const checkoutId = idFrom('chk', commandId);
  const wish = { checkoutId, buyerId: principal.userId, quantity: body.quantity };
  const { sale, rejection, known, reused } = await ports.flashSales.look(params.id, { ...wish, fingerprint });
  if (reused) return REUSED;
  if (rejection) return rejected(rejection);
  if (!sale) return notFound('flash sale');
  const { sku, saleId, prices } = sale;
  const lines = [{ sku, quantity: body.quantity, flashSale: { saleId, prices } }];
  const frozen = await ports.baskets.freeze({
    ...wishOf(checkoutId, principal.userId, { ...body, lines, order_type: 'prepaid' }),
    lines,
  });
  if ('rejection' in frozen)
    return follow(ports, checkoutId, await refuse(ports, checkoutId, frozen.rejection, request), request);
  const end = Date.parse(ports.clock.now()) + ports.payWithin + ports.holdBeyond;
  const claim = { ...wish, known, expiresAt: new Date(end).toISOString() };
  const { answer, heldUntil } = await ports.flashSales.claim(sale, claim, request.meta());
  if (answer.kind === 'rejected' && answer.rejection.type === 'ClaimIdTaken') return REUSED;
  if (answer.kind === 'rejected' && answer.rejection.type !== 'ClaimClosed') return rejected(answer.rejection);
  if (heldUntil)
    return follow(ports, checkoutId, await start(ports, checkoutId, frozen.basket, request, heldUntil), request);
  const over = answer.kind === 'accepted' ? lapsed(checkoutId) : answer;
  return follow(ports, checkoutId, await formerly(ports, checkoutId, frozen.basket, request, over), request);
};

export const flashPurchase = (ports: PurchasePorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/flash-sales/{id}/purchases',
    summary: 'Buy from the sale, in one call. Prefer: wait=n waits for the end',
    tags: ['flash sales'],
    roles: ['customer'],
    limit: 'flash-purchase',
    params: ById,
    body: FlashPurchase,
    waits: true,
    responses: PURCHASE_RESPONSES,
    problems: PurchaseProblem,
    handle: (request) => buyNow(ports, request),
  });
