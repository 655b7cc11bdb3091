/** Payments, orders and cases on a real database, with a real gateway and its provider; what is told to us is up to the test. */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { recordDispute } from '../../actors/dispute-notices.ts';
import { gatewayChecks } from '../../actors/gateway-desk.ts';
import type { Gateways } from '../../actors/gateways.ts';
import type { Dispute, Gateway } from '../../actors/ports/gateway.ts';
import {
  correctionBehaviour,
  orderBehaviour,
  paymentBehaviour,
  reconciliationCaseBehaviour,
} from '../../actors/roster.ts';
import { openAttempts, paymentByReference } from '../../adapters/postgres/payments.reader.ts';
import type { GatewayResult } from '../../contracts/payments.ts';
import { startEngine } from '../../src/engine.ts';
import { startReconciliation } from '../../src/reconciliation.ts';
import { entities, mappings, tables } from '../../src/tables.ts';
import type { Harness } from '../gateways/harness.ts';
import { freshDatabase, withClient } from '../kit/servers.ts';

const CONTEXTS = ['payments', 'orders', 'reconciliation'];
export const AMOUNT = 10_000;
const totals = { net: AMOUNT, discount: 0, tax: 0, shipping: 0, gross: AMOUNT };
const by = 'checkout';

export type World = Awaited<ReturnType<typeof openWorld>>;

/** `gateway`: in the place of the harness's own, such as one that fails. */
export const openWorld = async (
  at: Harness,
  { gateway = at.gateway, grace = 0 }: { readonly gateway?: Gateway; readonly grace?: number } = {},
) => {
  const database = await freshDatabase();
  const engine = await startEngine({
    databaseUrl: database.url,
    role: 'tradewind_app',
    nodeId: 'node-1',
    contexts: CONTEXTS,
    entities,
    mappings,
  });
  engine.region(
    paymentBehaviour(() => undefined),
    tables.payments,
  );
  engine.region(orderBehaviour, tables.orders);
  engine.region(correctionBehaviour, tables.corrections);
  engine.region(reconciliationCaseBehaviour, tables.reconciliation);
  const gateways = { names: [gateway.name], of: () => gateway };
  const looks = {
    byReference: (names: readonly string[]) => paymentByReference(engine.database, names),
    isCaptured: async () => true,
  };
  const bringIn = (name: string, dispute: Dispute) =>
    recordDispute({ commander: engine.commander, ...looks }, name, dispute);
  /** Runs end with a second that is over. Theirs are over at once: a clock of their own is that much ahead. */
  let second = 0;
  const nextSecond = () => {
    second = Math.max(Math.ceil(Date.parse(engine.clock.now()) / 1_000) * 1_000, second + 1_000);
  };
  const clock = { now: () => new Date(Math.max(second, Date.parse(engine.clock.now()))).toISOString() };
  /** As after a start: nothing is known but what the database has. */
  const begin = () =>
    startReconciliation({ engine: { ...engine, clock }, gateways, usual: gateway.name, bringIn, grace });
  let reconciliation = begin();
  const tell = async (to: string, key: string, command: { readonly type: string }) => {
    const id = randomUUID();
    expect(await engine.commander.ask(to, key, command, { id, correlationId: id })).toMatchObject({ kind: 'accepted' });
  };
  const { currency } = at;

  const attempt = async (paymentId: string, kind: 'authorise' | 'capture', reference?: string) => {
    const key = `${paymentId}/${kind}`;
    const call = { key, paymentId, amount: AMOUNT, currency, startedAt: new Date().toISOString() };
    if (kind === 'authorise') return at.gateway.authorise({ ...call, token: at.tokens.good });
    return at.gateway.capture({ ...call, reference: reference! });
  };
  const record = (paymentId: string, step: string, result: GatewayResult) =>
    tell('payment', paymentId, { type: 'RecordResult', attemptId: `${paymentId}/${step}`, result } as never);

  /** Bought and paid; `hears`: how often we are told of the capture; `taken`: did it ever happen? */
  const buy = async ({ hears = 1, paid = true, taken = true } = {}) => {
    const [paymentId, orderId] = [`pay-${randomUUID()}`, `ord-${randomUUID()}`];
    const whose = { checkoutId: `chk-${orderId}`, buyerId: 'b1' };
    const line = { line: 1, productId: 'p', variantId: 'v', sku: 'TEA', title: 'Tea', attributes: {}, quantity: 1 };
    const sold = { lines: [{ ...line, unitPrice: AMOUNT, totals }], totals, snapshotHash: 'h', by };
    const order = { ...whose, sellerId: 's1', orderType: 'prepaid', currency, ...sold };
    await tell('order', orderId, { type: 'CreateOrder', ...order } as never);
    await tell('order', orderId, { type: 'ConfirmOrder', by } as never);
    const allocations = [{ orderId, sellerId: 's1', amount: AMOUNT }];
    const method = { token: at.tokens.good, gateway: gateway.name };
    const intent = { ...whose, amount: AMOUNT, currency, allocations, method };
    await tell('payment', paymentId, {
      type: 'AuthorisePayment',
      attemptId: `${paymentId}/authorise`,
      ...intent,
    } as never);
    const held = await attempt(paymentId, 'authorise');
    await record(paymentId, 'authorise', held);
    await tell('payment', paymentId, { type: 'CapturePayment', attemptId: `${paymentId}/capture` } as never);
    const reference = held.reference!;
    const told: GatewayResult = { outcome: 'succeeded', reference, amount: AMOUNT, currency };
    const result = taken ? await attempt(paymentId, 'capture', reference) : told;
    for (let i = 0; i < hears; i++) await record(paymentId, 'capture', result);
    const pay = { type: 'MarkPaid', paymentId, amount: AMOUNT, by };
    if (paid) await tell('order', orderId, pay as never);
    return { paymentId, orderId, reference };
  };
  /** Given back by us; `heard`: at both sides. */
  const refund = async ({ paymentId, orderId, reference }: Awaited<ReturnType<typeof buy>>, amount: number) => {
    const key = `${paymentId}/refund`;
    const allocations = [{ orderId, sellerId: 's1', amount }];
    const wish = { attemptId: key, refundId: `r-${paymentId}`, amount, reason: 'broken', allocations };
    await tell('payment', paymentId, { type: 'RefundPayment', ...wish } as never);
    await record(paymentId, 'refund', await at.gateway.refund({ key, paymentId, amount, currency, reference }));
    return { refundId: wish.refundId, amount };
  };

  const open = (paymentId: string) => openAttempts(engine.database, { paymentId }, 10);
  const checks = gatewayChecks(gateways as unknown as Gateways, engine.commander, open as never);
  return {
    engine,
    gateway,
    buy,
    refund,
    tell,
    currency,
    get reconciliation() {
      return reconciliation;
    },
    /** Another process takes over. */
    startAgain: () => {
      reconciliation = begin();
      return reconciliation;
    },
    /** Runs, and what is open after it, newest first by kind. */
    run: async () => {
      nextSecond();
      await reconciliation.run();
      const { rows } = await reconciliation.ports.reconciliation.cases.list({}, { offset: 0, limit: 100 });
      return rows.map(({ status, finding: { kind, ours, theirs, suggestion, paymentId } }) => ({
        status,
        kind,
        ours,
        theirs,
        action: suggestion.action,
        paymentId,
      }));
    },
    verify: (paymentId: string) => {
      const id = randomUUID();
      return checks.verify(paymentId, { id, correlationId: id });
    },
    /** As the owner of the tables. */
    sql: <Row extends object>(text: string, values: readonly unknown[] = []) =>
      withClient(database.url, async (client) => (await client.query<Row>(text, [...values])).rows),
    close: async () => {
      await reconciliation.stop();
      await engine.stop();
      await database.drop();
    },
  };
};
