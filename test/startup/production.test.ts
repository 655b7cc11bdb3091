/** Production with Stripe's keys: it starts, and what is made for trying out is not there. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newSecret } from '../../src/servers/settings.ts';
import { newFolder, removeFolder } from '../kit/run-folder.ts';
import { type FreshDatabase, freshDatabase, natsUrl } from '../kit/servers.ts';
import { type SpawnedApp, spawnApp } from '../kit/spawn-app.ts';

let database: FreshDatabase;
let app: SpawnedApp;
const folder = newFolder('production');
beforeAll(async () => {
  database = await freshDatabase();
  app = await spawnApp({
    NODE_ENV: 'production',
    DATABASE_URL: database.url,
    NATS_URL: natsUrl(),
    NATS_NAMESPACE: `production-${process.pid}`,
    TRADEWIND_DATA: folder,
    JWT_SECRET: newSecret(),
    SMTP_URL: 'smtp://127.0.0.1:9',
    STRIPE_SECRET_KEY: `rk_live_${newSecret().replaceAll(/\W/g, '')}`,
    STRIPE_WEBHOOK_SECRETS: `whsec_${newSecret()}`,
    // Nobody is called from a test, and production demands TLS.
    STRIPE_API_URL: 'https://127.0.0.1:9',
  });
});
afterAll(async () => {
  await app?.kill();
  await database?.drop();
  removeFolder(folder);
});

test('it starts, and Stripe takes the money', async () => {
  const answer = await fetch(`${app.url}/api/v1/payment-options?currency=USD`);
  const { data } = (await answer.json()) as { data: { gateway: string }[] };
  expect(data.map(({ gateway }) => gateway)).toEqual(['stripe']);
});

test('the sandbox is not there', async () => {
  const body = '{"id":"evt_1","type":"charge.authorised"}';
  const webhook = await fetch(`${app.url}/webhooks/sandbox`, { method: 'POST', body });
  const challenge = await fetch(`${app.url}/sandbox/3ds/sbx_1/approve`, { method: 'POST' });
  expect([webhook.status, challenge.status]).toEqual([404, 404]);
});
