/** Reconciliation put together: who is compared with what, and when. */
import { randomUUID } from 'node:crypto';
import { CaseBoard } from '../actors/case-board.ts';
import type { Clock } from '../actors/ports/clock.ts';
import type { Dispute, Gateway } from '../actors/ports/gateway.ts';
import { gatewaySubject } from '../actors/reconcile-gateway.ts';
import { ordersSubject } from '../actors/reconcile-orders.ts';
import { Reconciler } from '../actors/reconciler.ts';
import { SettlementDesk } from '../actors/settlement-desk.ts';
import { PostgresBalanceBooks } from '../adapters/postgres/balance.books.ts';
import { PostgresOrderBooks } from '../adapters/postgres/order.books.ts';
import { PostgresCaseReader, PostgresRuns } from '../adapters/postgres/reconciliation.reader.ts';
import { PostgresDisputeLog, PostgresSettlements } from '../adapters/postgres/settlements.ts';
import type { Engine } from './engine.ts';

export interface ReconciliationOptions {
  readonly engine: Pick<Engine, 'database' | 'commander' | 'held' | 'registry'> & { readonly clock: Clock };
  readonly gateways: { readonly names: readonly string[]; of(name: string): Gateway };
  /** Whose the payments are that name no gateway. */
  readonly usual: string;
  /** Brings a dispute into the books. */
  readonly bringIn: (gateway: string, dispute: Dispute) => Promise<boolean>;
  /** Milliseconds. */
  readonly grace: number;
}
export type Reconciliation = ReturnType<typeof startReconciliation>;

const hasMovements = (gateway: Gateway): gateway is Gateway & Required<Pick<Gateway, 'movements'>> =>
  gateway.movements !== undefined;

export const startReconciliation = ({ engine, gateways, usual, bringIn, grace }: ReconciliationOptions) => {
  const { database, commander, clock, held, registry } = engine;
  const books = new PostgresBalanceBooks(database, usual);
  const disputes = new PostgresDisputeLog(database);
  const cases = new PostgresCaseReader(database);
  const runs = new PostgresRuns(database);
  const board = new CaseBoard(cases, registry);
  const installed = gateways.names.map((name) => gateways.of(name));
  const reconciler = new Reconciler({
    subjects: [
      ...installed.filter(hasMovements).map((gateway) => gatewaySubject({ gateway, books, disputes, bringIn, grace })),
      ordersSubject({ books: new PostgresOrderBooks(database), grace }),
    ],
    runs,
    cases,
    commander,
    clock,
    held,
    newId: randomUUID,
    begin: () => books.begin(),
    done: () => board.count(),
  });
  const settlements = new SettlementDesk({
    gatewayOf: (name) => gateways.of(name),
    names: gateways.names,
    books,
    settlements: new PostgresSettlements(database),
    clock,
    grace,
  });
  return {
    /** Returns how many differences there are. */
    run: () => reconciler.run('reconcile'),
    closeDays: () => settlements.closeDays(),
    count: () => board.count(),
    stop: () => reconciler.stop(),
    ports: { reconciliation: { desk: reconciler, cases, runs }, settlements, disputeLog: disputes },
  };
};
