/**
 * A provider's messages while the shop sells: how many signed ones are taken a second, how soon each is answered, and
 * whether any that was answered is missing after the process was killed in the middle.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { withClient } from '../kit/servers.ts';
import { type SpawnedApp, spawnApp } from '../kit/spawn-app.ts';
import { until } from '../kit/until.ts';
import { percentile } from './figures.ts';
import { openShop, WARM } from './purchases.ts';

export interface WebhookFigures {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** Purchases a second beside it, and when nothing else is done. */
  readonly beside: number;
  readonly alone: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly unhandled: number;
}

/** Generated, as a secret must be; and a key that nobody takes: no call is made. */
const SECRET = `whsec_${randomUUID().replaceAll('-', '')}`;
const STRIPE = { STRIPE_SECRET_KEY: `sk_test_${randomUUID().replaceAll('-', '')}`, STRIPE_WEBHOOK_SECRETS: SECRET };
const SECONDS = 5;
const SENDERS = 16;
const BUYERS = 64;

/** As Stripe signs it: `t.body`, HMAC-SHA256, hex. */
const signed = (body: string): string => {
  const t = Math.floor(Date.now() / 1000);
  return `t=${t},v1=${createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex')}`;
};
const eventOf = (id: string, paymentId: string): string => {
  const intent = { id: `pi_${paymentId}`, object: 'payment_intent', metadata: { payment_id: paymentId } };
  return JSON.stringify({ id, object: 'event', type: 'payment_intent.succeeded', data: { object: intent } });
};

const sender = (url: string, payments: readonly string[]) => {
  const pool = new Pool(url, { connections: SENDERS, pipelining: 1 });
  const acknowledged: string[] = [];
  const latencies: number[] = [];
  const send = async (): Promise<void> => {
    const id = `evt_${randomUUID()}`;
    const body = eventOf(id, payments[Math.floor(Math.random() * payments.length)]!);
    const headers = { 'content-type': 'application/json', 'stripe-signature': signed(body) };
    const before = performance.now();
    const answer = await pool.request({ method: 'POST', path: '/webhooks/stripe', headers, body });
    await answer.body.dump();
    latencies.push(performance.now() - before);
    if (answer.statusCode !== 200) throw new Error(`webhook answered ${answer.statusCode}`);
    acknowledged.push(id);
  };
  /** Until it is told to stop, or nobody answers any more. */
  const flood = async (goOn: () => boolean): Promise<void> => {
    const loop = async () => {
      while (goOn()) await send();
    };
    await Promise.allSettled(Array.from({ length: SENDERS }, loop));
  };
  return { acknowledged, latencies, flood, close: () => pool.destroy() };
};

/** Buys at a fixed rate, whatever the answers do. The purchases that came to their end. */
const paced = (shop: Awaited<ReturnType<typeof openShop>>, rate: number) => {
  let [done, n, due] = [0, 0, 0];
  const open = new Set<Promise<unknown>>();
  const timer = setInterval(() => {
    for (due += rate / 100; due >= 1; due -= 1) {
      const way = shop.buy(n++ % BUYERS).then(
        () => {
          done += 1;
        },
        () => undefined, // The process was killed.
      );
      open.add(way);
      void way.finally(() => open.delete(way));
    }
  }, 10);
  return {
    done: () => done,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
};

const rowsOf = (databaseUrl: string, text: string): Promise<Record<string, unknown>[]> =>
  withClient(databaseUrl, async (client) => (await client.query(text)).rows);

export const webhooks = async (env: Record<string, string>): Promise<WebhookFigures> => {
  const { DATABASE_URL: databaseUrl = '' } = env;
  // Buyers name the sandbox; the provider whose messages come is another one.
  const settings = { ...env, ...STRIPE, PAYMENT_GATEWAY: 'sandbox', NODE_ENV: 'development' };
  let app: SpawnedApp = await spawnApp(settings);
  const shop = await openShop(app.url, BUYERS, 20);
  await shop.sell(WARM);
  const alone = (await shop.sell(SECONDS)).rate;
  const rows = await rowsOf(databaseUrl, 'select id from payments.payment_intents order by random() limit 2000');
  const out = sender(
    app.url,
    rows.map(({ id }) => String(id)),
  );

  const buying = paced(shop, alone / 2);
  await pause(1_000);
  const [boughtBefore, begin] = [buying.done(), performance.now()];
  await out.flood(() => performance.now() - begin < SECONDS * 1000);
  const seconds = (performance.now() - begin) / 1000;
  const measured = { rate: out.acknowledged.length / seconds, beside: (buying.done() - boughtBefore) / seconds };
  const { latencies } = out;
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];

  const killed = pause(1_500).then(() => app.kill());
  await out.flood(() => true);
  await killed;
  await buying.stop();
  await Promise.all([out.close(), shop.close()]);
  const { lost, unhandled } = await afterwards(databaseUrl, out.acknowledged, async () => {
    app = await spawnApp(settings);
  });
  await app.stop();
  return { ...measured, p50, p99, alone, acknowledged: out.acknowledged.length, lost, unhandled };
};

/** What was answered and is not there after the kill; and what a restart does not handle within half a minute. */
const afterwards = async (databaseUrl: string, acknowledged: readonly string[], restart: () => Promise<void>) => {
  const kept = await rowsOf(databaseUrl, `select event_id from payments.webhook_events where provider = 'stripe'`);
  const there = new Set(kept.map(({ event_id }) => event_id));
  const lost = acknowledged.filter((id) => !there.has(id)).length;
  await restart();
  const open = async () => {
    const text = `select count(*) as n from payments.webhook_events where provider = 'stripe' and handled_at is null`;
    return Number((await rowsOf(databaseUrl, text))[0]!.n);
  };
  await until(async () => (await open()) === 0, { timeout: 30_000, every: 250 }).catch(() => undefined);
  return { lost, unhandled: await open() };
};
