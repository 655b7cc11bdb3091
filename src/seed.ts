/**
 * Demo data for an empty database. Every step is a command under a fixed id, so that a run that was killed half-way is
 * simply run again: what was done answers as before. The last account is the seal: once it is there, all is.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Commander } from '../actors/ports/commander.ts';
import type { Passwords } from '../actors/ports/identity.ts';
import type { CatalogueReader, UserDirectory } from '../actors/ports/readers.ts';
import type { AccountsCommand } from '../contracts/accounts.ts';
import type { InventoryCommand } from '../contracts/inventory.ts';
import type { ProductCommand } from '../contracts/products.ts';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, DEMO_PRODUCTS, type DemoAccount, type DemoProduct } from './demo-data.ts';

export interface SeedPorts {
  readonly commander: Commander;
  readonly directory: UserDirectory;
  readonly catalogue: CatalogueReader;
  readonly passwords: Pick<Passwords, 'hash'>;
}
/** `not-empty`: somebody else's data is there, and nothing was done. */
export type Seeded = 'seeded' | 'already' | 'not-empty';

interface Step {
  readonly to: string;
  readonly key: string;
  readonly command: AccountsCommand | ProductCommand | InventoryCommand;
}

const SELLER = DEMO_ACCOUNTS[0]!.userId;
const SEAL = DEMO_ACCOUNTS.at(-1)!;
const TRIES = 20;

/** To be called only where DEMO_DATA is on. Throws when a step is refused, or when nobody takes it for long. */
export const seed = async (ports: SeedPorts): Promise<Seeded> => {
  if (await ports.directory.byId(SEAL.userId)) return 'already';
  if (!(await isEmpty(ports))) return 'not-empty';
  const passwordHash = await ports.passwords.hash(DEMO_PASSWORD);
  const accounts = DEMO_ACCOUNTS.map((account) => registration(account, passwordHash));
  const steps = [...accounts.slice(0, -1), ...DEMO_PRODUCTS.flatMap(offer), accounts.at(-1)!];
  for (const step of steps) await take(ports.commander, step);
  return 'seeded';
};

/** What an earlier, unfinished run has left counts as nothing. */
const isEmpty = async ({ directory, catalogue }: SeedPorts): Promise<boolean> => {
  const ours = new Set(DEMO_PRODUCTS.map(({ productId }) => productId));
  const { rows } = await catalogue.list({ visible: 'all' }, { offset: 0, limit: ours.size + 1 });
  const owners = await Promise.all(DEMO_ACCOUNTS.map(({ email }) => directory.byEmail(email)));
  const isFree = owners.every((owner, i) => owner === undefined || owner.userId === DEMO_ACCOUNTS[i]!.userId);
  return isFree && rows.every(({ productId }) => ours.has(productId));
};

const registration = ({ userId, email, name, roles }: DemoAccount, passwordHash: string): Step => ({
  to: 'user',
  key: userId,
  command: { type: 'Register', email, name, roles: [...roles], passwordHash },
});

/** The product, its stock, and then its publication: what is for sale is there. */
const offer = ({ productId, stock, title, description, category, variants }: DemoProduct): Step[] => {
  const facts = { title, description, category: [...category], variants: [...variants] };
  const creation: ProductCommand = { type: 'CreateProduct', sellerId: SELLER, ...facts, by: SELLER };
  const receipts = variants.map(
    ({ sku }): Step => ({
      to: 'inventory-item',
      key: sku,
      command: { type: 'ReceiveStock', receiptId: `demo-receipt-${sku}`, quantity: stock, reason: 'demo data' },
    }),
  );
  const inShop = (command: ProductCommand): Step => ({ to: 'product', key: productId, command });
  return [inShop(creation), ...receipts, inShop({ type: 'PublishProduct', by: SELLER })];
};

const take = async (commander: Commander, { to, key, command }: Step): Promise<void> => {
  const id = `demo/${command.type}/${key}`;
  for (let tries = 1; ; tries += 1) {
    const answer = await commander.ask(to, key, command, { id, correlationId: 'demo-data', resumed: true });
    if (answer.kind === 'accepted') return;
    if (answer.kind !== 'unavailable' || tries === TRIES) throw new Error(`${id}: ${JSON.stringify(answer)}`);
    await pause(Math.min(answer.retryAfter, 1) * 1_000);
  }
};
