/** Who sells and buys, and what: plenty of some things, too few of others. */
import { setTimeout as pause } from 'node:timers/promises';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from '../../src/demo-data.ts';
import type { Recorder, Sent } from './client.ts';

export interface Person {
  readonly who: string;
  readonly token: string;
}
export interface Ware {
  readonly sku: string;
  readonly seller: Person;
  /** So few that buyers race for the last one. */
  readonly scarce: boolean;
}
export interface Shop {
  readonly admin: Person;
  readonly buyers: readonly Person[];
  readonly sellers: readonly Person[];
  readonly wares: readonly Ware[];
  /** What is put on flash sales, one of each seller; few of them, and nobody buys them otherwise. */
  readonly specials: readonly Ware[];
  readonly guests: readonly Person[];
}

const PASSWORD = 'Ch4os-monkey';
const EMAILS = Object.fromEntries(DEMO_ACCOUNTS.map(({ userId, email }) => [userId, email]));

/** A view may be a moment behind what was just made: then it is not found yet. */
const must = async (recorder: Recorder, sent: Sent): Promise<Readonly<Record<string, unknown>>> => {
  for (let tries = 1; ; tries += 1) {
    const { status, code, data } = await recorder.send(sent);
    if (status >= 200 && status <= 299) return data ?? {};
    if (status !== 404 || tries > 100) throw new Error(`${sent.path}: ${status} ${code}`);
    await pause(20);
  }
};

const person = ({ user_id, token }: Readonly<Record<string, unknown>>): Person => ({
  who: String(user_id),
  token: String(token),
});
const logIn = async (recorder: Recorder, email: string, password: string): Promise<Person> =>
  person(await must(recorder, { who: email, what: 'login', path: '/api/v1/auth/login', body: { email, password } }));
const register = async (recorder: Recorder, name: string): Promise<Person> => {
  const body = { email: `${name}@chaos.example`, password: PASSWORD, name };
  return person(await must(recorder, { who: name, what: 'register', path: '/api/v1/auth/register', body }));
};

const openSeller = async (recorder: Recorder, admin: Person, name: string): Promise<Person> => {
  const { who } = await register(recorder, name);
  const path = `/api/v1/users/${who}/roles`;
  const body = { roles: ['seller', 'customer'] };
  await must(recorder, { ...admin, what: 'roles', method: 'PUT', path, key: `roles-${name}`, body });
  return logIn(recorder, `${name}@chaos.example`, PASSWORD);
};

const STOCK = { RARE: 3, MANY: 100_000, SALE: 40 } as const;
type Kind = keyof typeof STOCK;

const offer = async (recorder: Recorder, seller: Person, n: number, kind: Kind): Promise<Ware> => {
  const sku = `${kind}-${n}`;
  const variants = [{ sku, prices: [{ amount: 1_000 + 37 * n, currency: 'USD' }] }];
  const body = { title: `Ware ${sku}`, variants };
  const made = await must(recorder, { ...seller, what: 'product', path: '/api/v1/products', key: `make-${sku}`, body });
  const stock = `/api/v1/inventory/${sku}/receipts`;
  const receipt = { quantity: STOCK[kind] };
  await must(recorder, { ...seller, what: 'receipt', path: stock, key: `first-${sku}`, body: receipt });
  const path = `/api/v1/products/${made.product_id}/publish`;
  await must(recorder, { ...seller, what: 'publish', path, key: `publish-${sku}` });
  return { sku, seller, scarce: kind !== 'MANY' };
};

/** Somebody without an account. */
export const guestOf = async (recorder: Recorder): Promise<Person> =>
  person(await must(recorder, { who: 'guest', what: 'guest', path: '/api/v1/auth/guest' }));

export interface ShopSize {
  readonly buyers: number;
  readonly sellers: number;
  /** Per seller: of each kind. */
  readonly wares: number;
}

export const openShop = async (recorder: Recorder, size: ShopSize): Promise<Shop> => {
  const admin = await logIn(recorder, EMAILS['demo-admin']!, DEMO_PASSWORD);
  const names = (role: string, n: number) => Array.from({ length: n }, (_, i) => `${role}${i + 1}`);
  const sellers: Person[] = [];
  for (const name of names('seller', size.sellers)) sellers.push(await openSeller(recorder, admin, name));
  const buyers = await Promise.all(names('buyer', size.buyers).map((name) => register(recorder, name)));
  const wares: Ware[] = [];
  for (let n = 0; n < size.wares * sellers.length; n += 1) {
    const seller = sellers[n % sellers.length]!;
    for (const kind of ['RARE', 'MANY'] as const) wares.push(await offer(recorder, seller, n + 1, kind));
  }
  const specials: Ware[] = [];
  for (const [n, seller] of sellers.entries()) specials.push(await offer(recorder, seller, n + 1, 'SALE'));
  const guests = await Promise.all(buyers.map(() => guestOf(recorder)));
  return { admin, buyers, sellers, wares, specials, guests };
};
