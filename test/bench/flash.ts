/** A crowd at a flash sale: everybody at once, each from an address of its own, limits on. */
import { randomUUID } from 'node:crypto';
import { accessTokens } from '../../adapters/crypto/tokens.ts';
import { DEMO_PASSWORD } from '../../src/demo-data.ts';
import { withClient } from '../kit/servers.ts';
import type { SpawnedApp } from '../kit/spawn-app.ts';
import { until } from '../kit/until.ts';
import { type Client, clientOf, loginOf, publish } from './client.ts';
import { percentile } from './figures.ts';

export interface FlashSetting {
  readonly app: SpawnedApp;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
  readonly buyers: number;
  readonly units: number;
}
export interface FlashFigures {
  readonly paid: number;
  /** By status and code, such as `409 sold_out`. */
  readonly answers: Readonly<Record<string, number>>;
  /** Milliseconds from the first request until somebody was told that it is sold out. */
  readonly claimed: number;
  /** Until all units were paid, and until everybody was answered. */
  readonly soldOut: number;
  readonly answered: number;
  readonly p50: number;
  readonly p99: number;
  /** From the tables: units sold by the sale, and payments captured for it. */
  readonly sold: number;
  readonly captured: number;
}
/** A sale that is live, of a product of its own. */
const openSale = async (http: Client, units: number): Promise<string> => {
  const token = await loginOf(http, 'seller@example.com', DEMO_PASSWORD);
  const sku = `FLASH-${randomUUID().slice(0, 8)}`;
  const price = { amount: 1999, currency: 'EUR' };
  await publish(http, token, { title: 'Bench', sku, price, stock: units });
  const window = { starts_at: new Date().toISOString(), ends_at: new Date(Date.now() + 3_600_000).toISOString() };
  const body = { sku, prices: [{ currency: 'EUR', sale: 999, original: 1999 }], ...window, allocation: units };
  const sale = await until(async () => {
    const made = await http.post('/api/v1/flash-sales', body, { token });
    return made.status === 201 && made.json.data.status === 'live' ? made.json.data : undefined;
  });
  return String(sale!.sale_id);
};

const crowd = async (secret: string, buyers: number) => {
  const tokens = accessTokens({ secret, lifetime: 3600, now: Date.now });
  const ids = Array.from({ length: buyers }, () => randomUUID());
  return Promise.all(
    ids.map(async (userId, i) => ({
      token: (await tokens.issue({ userId, roles: ['customer'], sessionId: userId, tokenVersion: 1 })).token,
      address: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
    })),
  );
};

/** From what is committed, not from what was answered. */
const counted = (databaseUrl: string, saleId: string) =>
  withClient(databaseUrl, async (admin) => {
    const { rows } = await admin.query(
      `select (select sold from flashsales.flash_sales where id = $1) as sold,
         (select count(*) from payments.payment_intents i join flashsales.flash_sale_claims c
            on c.id like i.checkout_id || '/%' where c.sale_id = $1 and i.captured > 0) as captured`,
      [saleId],
    );
    return { sold: Number(rows[0].sold), captured: Number(rows[0].captured) };
  });

export const flashSale = async ({
  app,
  databaseUrl,
  jwtSecret,
  buyers,
  units,
}: FlashSetting): Promise<FlashFigures> => {
  const http = clientOf(app.url, Math.min(buyers, 1_000));
  const saleId = await openSale(http, units);
  const people = await crowd(jwtSecret, buyers);
  const begin = performance.now();
  const body = { currency: 'EUR', payment: { token: 'tok_success' } };
  const answers = await Promise.all(
    people.map(async ({ token, address }) => {
      const headers = { 'x-forwarded-for': address, prefer: 'wait=20' };
      const { status, json } = await http.post(`/api/v1/flash-sales/${saleId}/purchases`, body, { token, headers });
      return { told: status === 201 ? 'paid' : `${status} ${json.code ?? ''}`, at: performance.now() - begin };
    }),
  );
  const answered = performance.now() - begin;
  await http.close();
  const paid = answers.filter(({ told }) => told === 'paid').map(({ at }) => at);
  const latencies = answers.map(({ at }) => at).sort((a, b) => a - b);
  const by = Object.fromEntries([...Map.groupBy(answers, ({ told }) => told)].map(([told, all]) => [told, all.length]));
  return {
    paid: paid.length,
    answers: by,
    claimed: Math.min(...answers.filter(({ told }) => told === '409 sold_out').map(({ at }) => at)),
    soldOut: Math.max(...paid),
    answered,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    ...(await counted(databaseUrl, saleId)),
  };
};
