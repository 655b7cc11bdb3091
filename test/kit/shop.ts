/** The whole application in a process of its own, used over HTTP as a client uses it. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { checkedClient } from './checked.ts';
import { by, seeing, taken } from './client.ts';
import { undocumented } from './documented.ts';
import { exchange, type Received, type Sent } from './http.ts';
import { looksOf } from './looks.ts';
import { buyBy } from './purchases.ts';
import { newFolder, removeFolder } from './run-folder.ts';
import { freshDatabase, natsUrl, withClient } from './servers.ts';
import { type SpawnedApp, spawnApp } from './spawn-app.ts';

type Call = (method: string, path: string, sent?: Sent) => Promise<Received>;

/**
 * One request to a full address, under a key of its own unless it names one: for what the typed client cannot send, or
 * what the document knows nothing of. Throws when the answer is not what the OpenAPI document says.
 */
export const request = async (method: string, url: string, sent: Sent = {}): Promise<Received> => {
  const key = sent.key ?? (method === 'GET' ? undefined : randomUUID());
  const received = await exchange(method, url, { ...sent, key });
  const { status, headers, json } = received;
  const wrong = undocumented({ method, url, status, type: headers.get('content-type'), json });
  if (wrong) throw new Error(wrong);
  return received;
};

export const PASSWORD = 'Demo-1234';
const DEMO = ['buyer', 'seller', 'admin', 'operator'] as const;
type Demo = (typeof DEMO)[number];

export type Shop = Awaited<ReturnType<typeof openShop>>;

/**
 * A shop with the demo accounts and products, on a database and streams of its own. `env` on top of the usual settings;
 * `through` the way to the database, such as a network that fails.
 */
export const openShop = async (
  env: Readonly<Record<string, string>> = {},
  through: (databaseUrl: string) => string = (url) => url,
) => {
  const database = await freshDatabase();
  const folder = newFolder('shop');
  const settings = {
    DATABASE_URL: through(database.url),
    NATS_URL: natsUrl(),
    NATS_NAMESPACE: `shop-${randomUUID().slice(0, 8)}`,
    TRADEWIND_DATA: folder,
    DEMO_DATA: 'true',
    RATE_LIMITS: '',
    ...env,
  };
  let app: SpawnedApp = await spawnApp(settings);
  const raw: Call = (method, path, sent) => request(method, app.url + path, sent);
  const call: Call = (method, path, sent) => raw(method, `/api/v1${path}`, sent);

  /** The typed client of somebody, or of nobody. */
  const client = (token?: string) => checkedClient(app.url, token);
  const login = async (email: string, password = PASSWORD) =>
    taken(await client().POST('/api/v1/auth/login', { body: { email, password } }));
  const tokens = new Map<Demo, string>();
  /** The token of a demo account. */
  const as = async (who: Demo): Promise<string> => {
    if (!tokens.has(who)) tokens.set(who, (await login(`${who}@example.com`)).token);
    return tokens.get(who)!;
  };
  /** A customer whom nobody knows yet. */
  const newcomer = async (email = `${randomUUID()}@example.com`) => {
    const body = { email, password: PASSWORD, name: 'New' };
    const made = taken(await client().POST('/api/v1/auth/register', { body }));
    return { userId: made.user_id, ...made };
  };

  /** A newcomer who sells. */
  const newSeller = async () => {
    const { userId, email } = await newcomer();
    const admin = client(await as('admin'));
    taken(await admin.PUT('/api/v1/users/{id}/roles', { ...by(userId), body: { roles: ['seller', 'customer'] } }));
    return { userId, token: (await login(email)).token };
  };
  const buy = buyBy(client);
  /** What the buyer says to the sandbox's bank. */
  const answerBank = (reference: string, answer: 'approve' | 'deny') =>
    client().POST('/sandbox/3ds/{reference}/{answer}', { params: { path: { reference, answer } } });

  /** A SKU that nobody else in the test buys, on sale. */
  const offer = async (
    seller: string,
    { stock = 10, amount = 1_000, sku = `SKU-${randomUUID().slice(0, 8)}` } = {},
  ) => {
    const as = client(seller);
    const body = { name: 'A thing', price: { amount, currency: 'USD' }, sku, stock };
    const { product_id: productId } = taken(await as.POST('/api/v1/products', { body }));
    const published = await as.POST('/api/v1/products/{id}/publish', by(productId));
    taken(await as.GET('/api/v1/products/{id}', by(productId, seeing(published))));
    return { sku, productId };
  };

  return {
    call,
    client,
    raw,
    login,
    as,
    newcomer,
    newSeller,
    buy,
    answerBank,
    offer,
    ...looksOf(client, as),
    get url() {
      return app.url;
    },
    /** What it printed in this life. */
    output: () => app.output(),
    /** What the operators' listener shows. */
    metrics: async () => request('GET', /Metrics\s+(\S+)/.exec(app.output())![1]!),
    sql: <Row extends object>(text: string, values: readonly unknown[] = []) =>
      withClient(database.url, async (client) => (await client.query<Row>(text, [...values])).rows),
    /** Runs `text` in a session of its own; what it holds is let go by the returned function. */
    hold: async (text: string) => {
      const session = new Client({ connectionString: database.url });
      await session.connect();
      await session.query(text);
      return () => session.end();
    },
    databaseUrl: database.url,
    namespace: settings.NATS_NAMESPACE,
    /** Killed, or stopped in peace, and started again on the same data, which `between` may change. */
    restart: async (how: 'kill' | 'stop', between: () => Promise<unknown> = async () => undefined) => {
      const ended = await app[how]();
      await between();
      app = await spawnApp(settings);
      return ended;
    },
    close: async () => {
      await app.kill();
      await database.drop();
      removeFolder(folder);
    },
  };
};
