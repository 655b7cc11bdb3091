/** Buyers at the bank while the broker is away for longer than their deadline: each has paid and bought, or neither. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { check } from '../chaos/checker.ts';
import { collect } from '../chaos/evidence.ts';
import { settle } from '../chaos/quiet.ts';
import { showViolations } from '../chaos/report.ts';
import type { Exchange } from '../chaos/rows.ts';
import { by, taken } from '../kit/client.ts';
import { challenged } from '../kit/purchases.ts';
import { type OwnNats, startOwnNats } from '../kit/servers.ts';
import { openShop, type Shop } from '../kit/shop.ts';
import { type TcpProxy, tcpProxy } from '../kit/tcp-proxy.ts';
import { until } from '../kit/until.ts';

const DEADLINE = 4_000;
/** The holds outlive the deadline by little, so that they end in the dark too. */
const HOLDS = 5_000;
let nats: OwnNats;
let broker: TcpProxy;
let shop: Shop;
beforeAll(async () => {
  nats = await startOwnNats();
  broker = await tcpProxy(nats.url);
  shop = await openShop({
    NATS_URL: broker.through(nats.url),
    NATS_NAMESPACE: 'tradewind',
    CHECKOUT_DEADLINE: `${DEADLINE}ms`,
    RESERVATION_TTL: `${HOLDS}ms`,
  });
}, 60_000);
afterAll(async () => {
  await shop?.close();
  await broker?.close();
  await nats?.dispose();
});

type Buyer = Awaited<ReturnType<Shop['newcomer']>>;
const history: Exchange[] = [];
/** Buys, and stands before the bank's question. */
const ask = async (buyer: Buyer, sku: string) => {
  const key = `dark-${history.length}`;
  const answer = await shop.buy({ as: buyer.token, lines: [{ sku }], pays: 'tok_3ds', key });
  const { checkout_id, payment, reference, deadline } = challenged(answer);
  const request = { who: buyer.userId, what: 'buy', method: 'POST', path: '/checkouts', key, digest: sku };
  const { status } = answer.response;
  history.push({ n: history.length, ...request, status, data: taken(answer), start: 0, end: 0, at: Date.now() });
  return {
    deadline: Date.parse(deadline),
    /** How the charge stands after the buyer has said yes. */
    approve: async () => taken(await shop.answerBank(reference, 'approve')).status,
    /** Has the provider asked; the sweeper would, in a while. */
    verify: () => shop.client(buyer.token).POST('/api/v1/payments/{id}/verify', by(payment)),
    end: async () => {
      const checkout = await shop.checkoutOf(checkout_id, buyer.token);
      const charges = 'select status from sandbox.charges where payment_id = $1';
      const [charge] = await shop.sql<{ status: string }>(charges, [payment]);
      return `${checkout.status} ${charge!.status}`;
    },
  };
};
type Waiting = Awaited<ReturnType<typeof ask>>;
const clock = (at: number) => until(() => Date.now() >= at, { timeout: 10_000, every: 1 });
const PAID = 'completed captured';
const NEITHER = 'aborted cancelled';

const STOCK = 12;
/** Milliseconds from the deadline at which each of them says yes. */
const AROUND = [-900, -300, -50, -10, 10, 50, 300];

test.each(['cut', 'stall'] as const)(
  'the line to the broker is %s: all or nothing, each time',
  async (silence) => {
    const { sku } = await shop.offer(await shop.as('seller'), { stock: STOCK });
    const newcomers: Buyer[] = [];
    for (let i = 0; i < AROUND.length + 4; i += 1) newcomers.push(await shop.newcomer());
    const all = await Promise.all(newcomers.map((buyer) => ask(buyer, sku)));
    const [early, late, never, afterwards, ...around] = all as [Waiting, Waiting, Waiting, Waiting, ...Waiting[]];

    broker[silence]();
    expect(await early.approve()).toBe('authorised');
    await Promise.all(around.map((one, i) => clock(one.deadline + AROUND[i]!).then(one.approve)));
    await until(async () => (await late.end()) === NEITHER, { what: 'the end of who did not answer' });
    expect(await late.approve()).toBe('cancelled');
    await clock(Math.max(...all.map(({ deadline }) => deadline)) + HOLDS - DEADLINE + 500);
    const inTheDark = await Promise.all(all.map(({ end }) => end()));
    expect([inTheDark[0], ...inTheDark.slice(1, 4)]).toEqual([PAID, NEITHER, NEITHER, NEITHER]);
    for (const end of inTheDark) expect([PAID, NEITHER]).toContain(end);
    expect(taken(await shop.client().GET('/readyz')).status).toBe('degraded');

    broker.resume();
    expect(await afterwards.approve()).toBe('cancelled');
    await Promise.all(all.map(({ verify }) => verify()));
    expect((await settle(shop.databaseUrl, 20_000)).left).toEqual({});
    expect(await Promise.all(all.map(({ end }) => end()))).toEqual(inTheDark);
    const sold = inTheDark.filter((end) => end === PAID).length;
    expect(await shop.stockOf(sku)).toMatchObject({ on_hand: STOCK - sold, reserved: 0 });
    const evidence = await collect({ databaseUrl: shop.databaseUrl, natsUrl: nats.url }, { history });
    expect(showViolations(check(evidence))).toBe(showViolations([]));
    expect(await never.end()).toBe(NEITHER);
  },
  60_000,
);
