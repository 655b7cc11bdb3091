/** The application under attack: somebody in it who has secrets, attackers in every role, and the judge of each answer. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { accessTokens } from '../../adapters/crypto/tokens.ts';
import { ROLES, type Role } from '../../contracts/accounts.ts';
import { undocumented } from '../kit/documented.ts';
import { bought as boughtBy } from '../kit/purchases.ts';
import { openShop } from '../kit/shop.ts';
import type { Attack, Ids } from './attacks.ts';

/** Personal things of the victim: nobody but the victim, the seller, admins and operators may read them. */
const SECRETS = ['Zephyrina', 'victim-4711@', '+4915550199', 'Geheimgasse'];
/** Who concerns themselves with others' data by their office. */
const ENTITLED: ReadonlySet<string> = new Set(['admin', 'operator']);
const ATTACKERS: readonly string[] = ['nobody', ...ROLES];
const SECRET = 'only-for-this-test-Zk3-vQ9x_Lw7RbT2yHc8';
/** Milliseconds after which a request counts as hung. */
const PATIENCE = 8_000;

const STACK = /\bat .+\.(ts|js|mjs):\d+|node_modules|node:internal|MikroORM|select .+ from |ECONN|violates/i;
const STREAM = 'text/event-stream';

export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What is wrong with the answer; undefined: nothing. */
export const flawOf = (
  url: string,
  { method, path, as }: Attack,
  { status, type, text }: Answered,
): string | undefined => {
  if (status >= 500) return `a fault: ${text}`;
  if (status >= 400 && STACK.test(text)) return `it tells of the inside: ${text}`;
  if (!ENTITLED.has(as) && SECRETS.some((secret) => text.includes(secret))) return `it tells of others: ${text}`;
  const json = type.includes('json') ? parsed(text) : undefined;
  if (status >= 400 && method !== 'HEAD' && !(json as { request_id?: string })?.request_id)
    return `no problem: ${text}`;
  return method === 'HEAD' ? undefined : undocumented({ method, url: url + path, status, type: type || null, json });
};

export const openTarget = async () => {
  const shop = await openShop({ RATE_LIMITS: 'off', JWT_SECRET: SECRET, REQUEST_TIMEOUT: '2s', HEADERS_TIMEOUT: '1s' });
  const pool = new Pool(shop.url, { connections: 24, headersTimeout: PATIENCE, bodyTimeout: PATIENCE });
  const tokens = accessTokens({ secret: SECRET, lifetime: 3_600, now: Date.now });
  /** Of a version that no change of roles or passwords catches up with. */
  const issue = async (userId: string, roles: readonly Role[]) =>
    (await tokens.issue({ userId, roles, sessionId: randomUUID(), tokenVersion: 1_000_000 })).token;
  const bearer = new Map<string, string>();
  for (const role of ROLES) bearer.set(role, await issue(`fuzz-${role}`, [role]));

  const register = {
    email: 'victim-4711@example.com',
    password: 'V1ctim!pass',
    name: 'Zephyrina',
    phone: '+4915550199',
  };
  const victim = (await shop.call('POST', '/auth/register', { body: register })).json.data;
  const ship_to = { name: 'Zephyrina', line1: 'Geheimgasse 1', city: 'Wien', country: 'AT' };
  const bought = boughtBy(await shop.buy({ as: victim.token, lines: [{ sku: 'TEA-1' }], body: { ship_to } }));
  const own = boughtBy(await shop.buy({ as: bearer.get('customer')!, lines: [{ sku: 'TEA-1' }] }));
  const seller = bearer.get('seller')!;
  const { productId } = await shop.offer(seller, { sku: 'FUZZ-1', stock: 1_000 });
  const sale = { sku: 'FUZZ-1', prices: [{ currency: 'USD', sale: 600 }], allocation: 500, max_per_buyer: 100 };
  const [starts_at, ends_at] = [-60_000, 3_600_000].map((shift) => new Date(Date.now() + shift).toISOString());
  const scheduled = { ...sale, starts_at, ends_at };
  const flash = (await shop.call('POST', '/flash-sales', { as: seller, body: scheduled })).json.data;

  const ids: Ids = {
    users: [victim.user_id, 'fuzz-customer', 'demo-buyer'],
    orders: [...bought.order_ids, ...own.order_ids],
    payments: [bought.payment, own.payment],
    checkouts: [bought.checkout_id, own.checkout_id],
    sellers: ['demo-seller', 'fuzz-seller'],
    'flash-sales': [flash.sale_id],
    products: ['demo-tea', productId],
    sku: ['TEA-1', 'FUZZ-1'],
    flow: ['checkout'],
    checkout: [bought.checkout_id],
    provider: ['sandbox', 'stripe'],
    answer: ['approve', 'deny'],
    file: ['start.js', 'swagger-ui.css'],
  };

  const send = async ({ method, path, as, headers, body }: Attack): Promise<Answered> => {
    const token = bearer.get(as);
    const sent = { ...(token && { authorization: `Bearer ${token}` }), ...headers };
    const answer = await pool.request({ method: method as 'GET', path, headers: sent, body: body ?? null });
    const type = String(answer.headers['content-type'] ?? '');
    if (type.startsWith(STREAM)) {
      answer.body.on('error', () => undefined).destroy();
      return { status: answer.statusCode, type, text: '' };
    }
    return { status: answer.statusCode, type, text: await answer.body.text() };
  };
  const close = async () => {
    await pool.destroy();
    await shop.close();
  };
  return { shop, ids, roles: ATTACKERS, send, close, port: Number(new URL(shop.url).port), bearer };
};
export type Target = Awaited<ReturnType<typeof openTarget>>;
