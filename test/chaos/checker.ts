/** All invariants over all evidence. Each violation says which invariant, about what, and how. */
import * as allocations from './checks.allocations.ts';
import * as audit from './checks.audit.ts';
import * as carts from './checks.carts.ts';
import * as history from './checks.history.ts';
import * as imports from './checks.imports.ts';
import * as log from './checks.log.ts';
import * as money from './checks.money.ts';
import * as purchases from './checks.purchases.ts';
import * as sales from './checks.sales.ts';
import * as stock from './checks.stock.ts';
import * as told from './checks.told.ts';
import type { Check, Evidence, Violation } from './rows.ts';

export const CHECKS: readonly Check[] = [
  stock.stock,
  stock.told,
  purchases.ends,
  purchases.origins,
  purchases.histories,
  carts.books,
  carts.ends,
  sales.bounds,
  sales.books,
  sales.sold,
  allocations.settlements,
  told.turnedAway,
  told.keptToIt,
  told.paid,
  imports.imports,
  imports.outcomes,
  imports.catalogues,
  imports.belongings,
  imports.reports,
  audit.recorded,
  audit.causes,
  money.payments,
  money.ledger,
  money.refunds,
  money.orderRefunds,
  money.settledMoney,
  money.webhooks,
  history.repeats,
  history.replays,
  history.reuses,
  history.truth,
  history.counts,
  history.faults,
  log.positions,
  log.sequences,
  log.versions,
  log.streams,
  log.consumers,
  log.views,
  log.commands,
];

export const check = (evidence: Evidence): Violation[] => CHECKS.flatMap((each) => [...each(evidence)]);

/** No further than to the first violation of that kind. */
export const finds = (evidence: Evidence, invariant: string): boolean => {
  for (const each of CHECKS) for (const found of each(evidence)) if (found.invariant === invariant) return true;
  return false;
};
