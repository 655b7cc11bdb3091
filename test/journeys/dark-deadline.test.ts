/** Buyers at the bank while the broker is away for longer than their deadline: each has paid and bought, or neither. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { check } from '../chaos/checker.ts';
import { collect } from '../chaos/evidence.ts';
import { settle } from '../chaos/quiet.ts';
import { showViolations } from '../chaos/report.ts';
import type { Exchange } from '../chaos/rows.ts';
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
const challenged = async (buyer: Buyer, sku: string) => {
  const key = `dark-${history.length}`;
  const { status, json } = await shop.buy({ as: buyer.token, lines: [{ sku }], pays: 'tok_3ds', key });
  expect(json.data.status).toBe('action-required');
  const request = { who: buyer.userId, what: 'buy', method: 'POST', path: '/checkouts', key, digest: sku };
  history.push({ n: history.length, ...request, status, data: json.data, start: 0, end: 0, at: Date.now() });
  const page = new URL(json.data.next_action.url).pathname;
  return {
    deadline: Date.parse(json.data.deadline),
    /** How the charge stands after the buyer has said yes. */
    approve: async () => (await shop.raw('POST', `${page}/approve`)).json.data.status as string,
    /** Has the provider asked; the sweeper would, in a while. */
    verify: () => shop.call('POST', `/payments/${json.data.payment_id}/verify`, { as: buyer.token }),
    end: async () => {
      const { data } = (await shop.get(`/checkouts/${json.data.checkout_id}`, buyer.token)).json;
      const [charge] = await shop.sql<{ status: string }>('select status from sandbox.charges where payment_id = $1', [
        json.data.payment_id,
      ]);
      return `${data.status} ${charge!.status}`;
    },
  };
};
type Waiting = Awaited<ReturnType<typeof challenged>>;
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
    const all = await Promise.all(newcomers.map((buyer) => challenged(buyer, sku)));
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
    expect((await shop.raw('GET', '/readyz')).json.data.status).toBe('degraded');

    broker.resume();
    expect(await afterwards.approve()).toBe('cancelled');
    await Promise.all(all.map(({ verify }) => verify()));
    expect((await settle(shop.databaseUrl, 20_000)).left).toEqual({});
    expect(await Promise.all(all.map(({ end }) => end()))).toEqual(inTheDark);
    const sold = inTheDark.filter((end) => end === PAID).length;
    const stock = (await shop.get(`/inventory/${sku}`, await shop.as('seller'))).json.data;
    expect(stock).toMatchObject({ on_hand: STOCK - sold, reserved: 0 });
    const evidence = await collect({ databaseUrl: shop.databaseUrl, natsUrl: nats.url }, { history });
    expect(showViolations(check(evidence))).toBe(showViolations([]));
    expect(await never.end()).toBe(NEITHER);
  },
  60_000,
);
