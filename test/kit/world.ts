/** Everything behind the edge, in memory: the real rules of users and products, and hand-made rows for the rest. */
import { stockUp } from '../../actors/initial-stock.ts';
import { ownProduct } from '../../actors/own-product.ts';
import type { Answer, Commander } from '../../actors/ports/commander.ts';
import type { CatalogueReader, CheckoutRow, UserRow } from '../../actors/ports/readers.ts';
import { shelf } from '../../actors/shelf.ts';
import { passwords } from '../../adapters/crypto/passwords.ts';
import { accessTokens, refreshTokens, ticketTokens } from '../../adapters/crypto/tokens.ts';
import { type ApiPorts, apiRoutes } from '../../adapters/http/api.ts';
import type { Reply, Route } from '../../adapters/http/routes.ts';
import type { CatalogueRow } from '../../contracts/products.ts';
import { type UserState, user, replyOf as userReply } from '../../domains/accounts/user.ts';
import type { Decider } from '../../domains/kernel/decider.ts';
import { minorUnits } from '../../domains/kernel/money.ts';
import { withheld } from '../../domains/kernel/withheld.ts';
import { catalogue } from '../../domains/products/catalogue.view.ts';
import { product, replyOf as productReply } from '../../domains/products/product.ts';
import { type Asked, accepted, SECRET } from './edge.ts';
import { importsInMemory } from './imports.ts';
import { basketsInMemory } from './world.baskets.ts';
import { paymentPorts } from './world.payments.ts';
import { reconciliationPorts } from './world.reconciliation.ts';
import { at, cartRow, checkoutRow, orderRow, page, refundRow, saleRow } from './world.rows.ts';

/** Runs one command on a decider's instance. */
const host = <S, C, E, R extends { readonly type: string }>(
  deciderOf: (key: string) => Decider<S, C, E, R>,
  reply: (key: string, state: S) => unknown,
  happened: (key: string, event: E, sequence: number) => unknown = () => undefined,
  refuse: (command: C) => { readonly type: string } | undefined = () => undefined,
) => {
  const states = new Map<string, { state: S; version: number }>();
  const tell = (key: string, command: C, now: string): Answer => {
    const decider = deciderOf(key);
    const known = states.get(key) ?? { state: decider.initial(), version: 0 };
    const violated = refuse(command);
    if (violated) return { kind: 'rejected', rejection: violated };
    const decision = decider.decide(command, known.state, now);
    if (!decision.events) return { kind: 'rejected', rejection: { ...decision.rejection } };
    for (const event of decision.events) {
      known.state = decider.evolve(known.state, event);
      happened(key, event, ++known.version);
    }
    states.set(key, known);
    return accepted({ version: known.version, reply: reply(key, known.state) });
  };
  return { states, tell };
};

/** Throws, so that the request ends in a 500, when a success is not what the route's table says of it. */
export const documented = (route: Route, reply: Reply): void => {
  if (!('status' in reply) || 'problem' in reply) return;
  const doc = route.responses[reply.status];
  if (!doc) throw new Error(`${route.method} ${route.path} does not say that it answers ${reply.status}`);
  doc.data?.parse(JSON.parse(JSON.stringify(reply.data ?? null)));
};

const userRow = (userId: string, state: UserState): UserRow | undefined =>
  state.status === 'unknown' ? undefined : { ...state, userId };

export const createWorld = () => {
  let now = Date.parse(at);
  const clock = { now: () => new Date(now).toISOString() };
  const asked: Asked[] = [];
  const rows = new Map<string, CatalogueRow>();
  const emails = new Set<string>();
  const users = host(
    user,
    userReply,
    (_, event) => event.type === 'UserRegistered' && emails.add(event[withheld].email),
    (command) => (command.type === 'Register' && emails.has(command.email) ? { type: 'EmailTaken' } : undefined),
  );
  const products = host(product, productReply, (key, event, sequence) => {
    const recorded = { event, aggregate: `product/${key}`, sequence, position: sequence, at };
    rows.set(key, catalogue.project(rows.get(key), recorded));
  });
  const checkouts = new Map<string, CheckoutRow[]>([['x-checkout', [checkoutRow()]]]);
  let other: (one: Asked) => Answer = () => accepted();
  const commander: Commander = {
    ask: async (to, key, command, meta) => {
      asked.push({ to, key, command, meta } as Asked);
      if (to === 'user') return users.tell(key, command as never, clock.now());
      if (to === 'product') return products.tell(key, command as never, clock.now());
      return other(asked.at(-1)!);
    },
  };
  const byId = async (userId: string) => userRow(userId, users.states.get(userId)?.state ?? { status: 'unknown' });
  const catalogueRows = () => [...rows.values()];
  const catalogueReader: CatalogueReader = {
    byId: async (id) => rows.get(id),
    bySku: async (sku) => catalogueRows().find(({ variants }) => variants.some((one) => one.sku === sku)),
    bySkus: async (skus) => {
      const all = catalogueRows().flatMap((row) => row.variants.map(({ sku }) => [sku, row] as const));
      return new Map(all.filter(([sku]) => skus.includes(sku)));
    },
    list: async ({ visible }) =>
      page(
        catalogueRows().filter(
          ({ status, sellerId }) =>
            visible === 'all' ||
            visible.anybodys.includes(status) ||
            (visible.own?.sellerId === sellerId && visible.own.statuses.includes(status)),
        ),
      ),
  };
  const ports: ApiPorts = {
    commander,
    clock,
    shelf: shelf(catalogueReader, clock),
    history: { of: async () => page([]) },
    product: async (id) => ownProduct(products.states.get(id)?.state ?? { status: 'unknown' }, clock.now()),
    stockUp: stockUp(commander),
    imageHosts: ['images.example.com'],
    importLimit: 1_000_000,
    minorUnits,
    imports: importsInMemory(),
    sessionLifetime: 86_400,
    payWithin: 900_000,
    holdBeyond: 300_000,
    checks: [{ name: 'postgres', check: async () => true }],
    stopping: new AbortController().signal,
    passwords: passwords({ memoryCost: 256, timeCost: 1 }),
    accessTokens: accessTokens({ secret: SECRET, lifetime: 3600, now: () => Date.now() }),
    refreshTokens: refreshTokens(SECRET),
    ticketTokens: ticketTokens(SECRET),
    audit: { list: async () => page([]) },
    mails: { list: async () => page([]) },
    users: {
      byId,
      byEmail: async (email) => {
        const found = [...users.states].find(([, { state }]) => 'email' in state && state.email === email);
        return found && userRow(found[0], found[1].state);
      },
    },
    catalogue: catalogueReader,
    stock: {
      bySku: async (sku) => ({ sku, onHand: 5, reserved: 2, available: 3, updatedAt: at }),
      movements: async (sku) =>
        page([{ movementId: 'm', sku, kind: 'received', quantity: 5, onHand: 5, reserved: 0, at }]),
    },
    challenges: { answer: async () => undefined },
    baskets: basketsInMemory,
    carts: {
      idOf: (ownerId) => `cart-${ownerId}`,
      byId: async (id) => (id === 'cart-buyer' ? cartRow : undefined),
    },
    checkouts: {
      byId: async (id) => checkouts.get(id)?.at(-1),
      watch: async function* (id, after) {
        for (const row of checkouts.get(id) ?? []) if (row.version > after) yield row;
      },
    },
    flashSales: {
      byId: async (id) => (id === 'x-sale' ? saleRow : undefined),
      look: async (id) => ({ sale: id === 'x-sale' ? saleRow : undefined, known: false }),
      claim: async (_, { expiresAt }) => ({ answer: accepted(), heldUntil: expiresAt }),
      watch: async function* (id) {
        if (id === 'x-sale') yield saleRow;
      },
    },
    flashSaleList: { list: async () => page([saleRow]) },
    orders: {
      byId: async (id) => (id === 'x-order' ? orderRow : undefined),
      list: async (filter) => {
        const mine = filter.buyerId ?? filter.sellerId ?? filter.concerning;
        return page(mine === undefined || mine === 'buyer' || mine === 'seller' ? [orderRow] : []);
      },
    },
    refunds: {
      byId: async (id) => (id === 'x-refund' ? refundRow : undefined),
      list: async () => page([refundRow]),
    },
    ...reconciliationPorts,
    ...paymentPorts,
    search: {
      find: async () => page([]),
      suggest: async () => ({ queries: [], products: [], categories: [] }),
    },
    operations: {
      actors: (path) => ({
        path,
        kind: 'system',
        state: 'running',
        lastError: 'none',
        children: [{ path: 'orders', kind: 'context', state: 'running' }],
      }),
      revive: async () => accepted(),
      sagas: async () => page([]),
      saga: async (flow, sagaId) => ({
        flow,
        sagaId,
        stage: 'paying',
        closed: false,
        startedAt: at,
        updatedAt: at,
        steps: [{ step: 'reserve', to: 'inventory-item/MUG', state: 'accepted' }],
      }),
      retrySaga: async () => accepted(),
      deadLetters: async () => page([]),
      deadLetter: async () => undefined,
      replay: async () => accepted(),
      discard: async () => accepted(),
      outboxes: async () => [{ context: 'orders', outbox: 1, stream: 1, equal: true }],
    },
  };
  return {
    ports,
    routes: apiRoutes(ports),
    asked,
    users,
    checkouts,
    rows,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    /** What everything but users and products answers. */
    answer: (by: (one: Asked) => Answer) => {
      other = by;
    },
  };
};
