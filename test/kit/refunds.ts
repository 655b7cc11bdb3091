/** Refunds over HTTP: asked for, decided about, watched. */
import type { operations } from '../../contracts/client.v1.d.ts';
import { by, once, taken } from './client.ts';
import type { Shop } from './shop.ts';
import { until } from './until.ts';

type Body = operations['postOrdersIdRefunds']['requestBody']['content']['application/json'];
/** What is asked for, by a buyer who changed their mind unless it says why. */
export type AskedBack = Partial<Body>;

export const refundsOf = (shop: () => Shop) => {
  /** The seller decides unless somebody else is named. */
  const decider = async (as?: string) => shop().client(as ?? (await shop().as('seller')));
  const refundOf = async (id: string, as: string) => taken(await shop().client(as).GET('/api/v1/refunds/{id}', by(id)));
  return {
    ask: (as: string, order: string, body: AskedBack = {}, key?: string) => {
      const init = { ...by(order, once(key)), body: { reason: 'changed-mind' as const, ...body } };
      return shop().client(as).POST('/api/v1/orders/{id}/refunds', init);
    },
    approve: async (id: string, as?: string, key?: string) =>
      (await decider(as)).POST('/api/v1/refunds/{id}/approve', by(id, once(key))),
    reject: async (id: string, reason: string) =>
      (await decider()).POST('/api/v1/refunds/{id}/reject', { ...by(id), body: { reason } }),
    /** The refund once it is that. */
    becomes: (id: string, as: string, status: string, timeout = 10_000) =>
      until(
        async () => {
          const refund = await refundOf(id, as);
          return refund.status === status ? refund : undefined;
        },
        { timeout, what: `the refund to be ${status}` },
      ),
  };
};
