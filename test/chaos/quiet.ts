/** When everything has come to rest: a condition on the tables, not a time. */
import { contextNames } from '../../src/contexts.ts';
import { withClient } from '../kit/servers.ts';
import { until } from '../kit/until.ts';

const LEFT: readonly (readonly [what: string, sql: string])[] = [
  ['open checkouts', `checkout.checkout_sessions where stage not in ('completed', 'aborted')`],
  ['open flash sales', `flashsales.flash_sales where stage not in ('settled', 'refused')`],
  ['open allocations', `flashsales.allocation_flows where stage <> 'done'`],
  ['open claims', `flashsales.flash_sale_claims where status = 'held'`],
  // One that is still receiving waits for its sender, who may have gone.
  ['running imports', `products.imports where status = 'running'`],
  ['open attempts', `payments.payment_attempts where status in ('pending', 'requires-action')`],
  ['unhandled webhooks', 'payments.webhook_events where handled_at is null'],
  ['undelivered webhooks', 'sandbox.webhooks where delivered_at is null'],
  ...contextNames.flatMap((context): [string, string][] => [
    [`unpublished in ${context}`, `${context}.log_head where published < position`],
    [
      `unread by consumers in ${context}`,
      `${context}.checkpoints c where ${contextNames.map((source) => `(c.source = '${source}' and c.position < (select position from ${source}.log_head))`).join(' or ')}`,
    ],
  ]),
];
const OPEN = LEFT[0]![0];
const QUERY = LEFT.map(([what, from]) => `select '${what}' as what, count(*)::int as n from ${from}`).join(
  ' union all ',
);

/** What is still on its way. */
export const leftOver = (databaseUrl: string): Promise<Readonly<Record<string, number>>> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ what: string; n: number }>(QUERY);
    return Object.fromEntries(rows.filter(({ n }) => n > 0).map(({ what, n }) => [what, n]));
  });

/** Until every checkout has ended, or long enough. */
export const allEnded = async (databaseUrl: string, within: number): Promise<void> => {
  const isOver = async () => (await leftOver(databaseUrl))[OPEN] === undefined;
  await until(isOver, { timeout: within, every: 250, what: 'the end of all checkouts' }).catch(() => undefined);
};

/** Until the database says so, or long enough: whoever needs it finds out. */
export const happened = async (databaseUrl: string, condition: string): Promise<void> => {
  const isSo = () =>
    withClient(databaseUrl, async (client) => {
      const { rows } = await client.query<{ so: boolean }>(`select (${condition}) as so`);
      return rows[0]!.so;
    });
  await until(isSo, { timeout: 60_000, every: 250, what: condition }).catch(() => undefined);
};

/** Milliseconds until nothing is on its way any more; what is left when that takes longer than `within`. */
export const settle = async (
  databaseUrl: string,
  within: number,
): Promise<{ readonly took: number; readonly left: Readonly<Record<string, number>> }> => {
  const begin = performance.now();
  let left: Readonly<Record<string, number>> = {};
  const atRest = async () => {
    left = await leftOver(databaseUrl);
    return Object.keys(left).length === 0;
  };
  await until(atRest, { timeout: within, every: 250, what: 'rest' }).catch(() => undefined);
  return { took: performance.now() - begin, left };
};
