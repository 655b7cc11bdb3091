/** The whole application in a process of its own, used over HTTP as a client uses it. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { clientOf, once, taken } from './client.ts';
import { undocumented } from './documented.ts';
import { exchange, type Received, type Sent } from './http.ts';
import { newFolder, removeFolder } from './run-folder.ts';
import { freshDatabase, natsUrl, withClient } from './servers.ts';
import { type SpawnedApp, spawnApp } from './spawn-app.ts';
import { type UntilOptions, until } from './until.ts';

export type Call = (method: string, path: string, sent?: Sent) => Promise<Received>;

/** One request to a full address, under a key of its own unless it names one. Throws when the answer is not what the OpenAPI document says. */
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

export interface Line {
  readonly sku: string;
  readonly quantity?: number;
}
export interface Purchase {
  readonly as: string;
  readonly lines: readonly Line[];
  /** What the sandbox provider does: `tok_<manner>`; null: no payment in the request. */
  readonly pays?: string | null;
  readonly key?: string;
  /** Seconds to wait for the end; 0: do not. */
  readonly wait?: number;
  readonly body?: object;
  readonly path?: '/checkouts' | '/orders';
}

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
  const get = (path: string, as?: string, headers?: Record<string, string>) => call('GET', path, { as, headers });

  /** What is seen there once its status is the one that is waited for. */
  const reaches = (path: string, status: string, as: string, options?: UntilOptions): Promise<Received['json']> =>
    until(
      async () => {
        const { data } = (await get(path, as)).json;
        return data?.status === status && data;
      },
      { what: `${path} to be ${status}`, ...options },
    );

  /** The typed client of somebody, or of nobody. */
  const client = (token?: string) => clientOf(app.url, token);
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

  const buy = ({ as: token, lines, pays = 'tok_success', key, wait = 20, body, path = '/checkouts' }: Purchase) =>
    call('POST', path, {
      as: token,
      key,
      headers: wait > 0 ? { prefer: `wait=${wait}` } : {},
      body: {
        lines: lines.map(({ sku, quantity = 1 }) => ({ sku, quantity })),
        currency: 'USD',
        ...(pays !== null && { payment: { token: pays } }),
        ...body,
      },
    });

  /** A SKU that nobody else in the test buys, on sale. */
  const offer = async (
    seller: string,
    { stock = 10, amount = 1_000, sku = `SKU-${randomUUID().slice(0, 8)}` } = {},
  ) => {
    const as = client(seller);
    const body = { name: 'A thing', price: { amount, currency: 'USD' }, sku, stock };
    const made = taken(await as.POST('/api/v1/products', { body, params: { header: once() } }));
    const path = { id: made.product_id };
    const published = await as.POST('/api/v1/products/{id}/publish', { params: { path, header: once() } });
    const position = published.response.headers.get('position') ?? '';
    await as.GET('/api/v1/products/{id}', { params: { path }, headers: { position } });
    return { sku, productId: path.id };
  };

  return {
    call,
    client,
    raw,
    get,
    reaches,
    login,
    as,
    newcomer,
    buy,
    offer,
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
