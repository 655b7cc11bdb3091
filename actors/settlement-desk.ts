/** Days of a provider's balance: ours from the ledger, beside what the provider itself says. A day that is over is kept. */
import { entriesOf } from '../domains/reconciliation/lines.ts';
import { type Figures, NOTHING, netOf, type Sheet, withLines } from '../domains/reconciliation/settlement.ts';
import type { Clock } from './ports/clock.ts';
import type { Gateway, Period } from './ports/gateway.ts';
import type { BalanceBooks, DayRow, SettlementLine, SettlementReports, Settlements } from './ports/reconciliation.ts';

const DAY = 86_400_000;
/** Milliseconds: an entry may come into the log a little later than it was booked. */
const OVERLAP = 60_000;

const midnight = (day: string): string => `${day}T00:00:00.000Z`;
const dayOf = (at: string): string => at.slice(0, 10);
const after = (day: string, days = 1): string => dayOf(new Date(Date.parse(midnight(day)) + days * DAY).toISOString());
const spanOf = (from: string, to: string): Period => ({ since: midnight(from), until: midnight(to) });

const rowsOf = (ours: Sheet, theirs: Sheet | undefined): readonly DayRow[] =>
  [...new Set([...ours.keys(), ...(theirs?.keys() ?? [])])].sort().map((currency) => ({
    currency,
    ours: ours.get(currency) ?? NOTHING,
    theirs: theirs && (theirs.get(currency) ?? NOTHING),
  }));
const sumOf = (rows: readonly DayRow[], currency: string, side: 'ours' | 'theirs'): number =>
  rows.filter((row) => row.currency === currency).reduce((sum, row) => sum + netOf(row[side] ?? NOTHING), 0);

/** Each currency with what there was before and what is left. */
const linesOf = (before: readonly DayRow[], rows: readonly DayRow[], hasTheirs: boolean): readonly SettlementLine[] =>
  [...new Set([...before, ...rows].map(({ currency }) => currency))].sort().map((currency) => {
    const row = rows.find((one) => one.currency === currency);
    const ours = row?.ours ?? NOTHING;
    const theirs: Figures | undefined = hasTheirs ? (row?.theirs ?? NOTHING) : undefined;
    const opening = {
      ours: sumOf(before, currency, 'ours'),
      theirs: theirs && sumOf(before, currency, 'theirs'),
    };
    const closing = {
      ours: opening.ours + netOf(ours),
      theirs: theirs && opening.theirs! + netOf(theirs),
    };
    return { currency, ours, theirs, opening, closing };
  });

export interface SettlementParts {
  /** The installed ones. */
  readonly gatewayOf: (name: string) => Gateway;
  readonly names: readonly string[];
  readonly books: BalanceBooks;
  readonly settlements: Settlements;
  readonly clock: Clock;
  /** Milliseconds after midnight until a day is closed. */
  readonly grace: number;
}

export class SettlementDesk implements SettlementReports {
  readonly #parts: SettlementParts;

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  get gateways(): readonly string[] {
    return this.#parts.names;
  }

  /** Closes every day that is over, one after the other. Returns how many. */
  async closeDays(): Promise<number> {
    const { names, settlements, clock, grace } = this.#parts;
    const open = dayOf(new Date(Date.parse(clock.now()) - grace).toISOString());
    let closed = 0;
    for (const gateway of names)
      for (let day = await this.#firstOpen(gateway); day !== undefined && day < open; day = after(day)) {
        await settlements.close(gateway, day, await this.#figures(gateway, spanOf(day, after(day))));
        closed += 1;
      }
    return closed;
  }

  async of(gateway: string, day: string) {
    const { names, settlements } = this.#parts;
    if (!names.includes(gateway)) return undefined;
    const hasTheirs = this.#parts.gatewayOf(gateway).movements !== undefined;
    const until = await settlements.closedUntil(gateway);
    const before = await settlements.before(gateway, day);
    if (until !== undefined && day < until)
      return { closed: true, lines: linesOf(before, await settlements.of(gateway, day), hasTheirs) };
    const from = (await this.#firstOpen(gateway)) ?? day;
    const between = from < day ? await this.#figures(gateway, spanOf(from, day)) : [];
    const rows = await this.#figures(gateway, spanOf(day, after(day)));
    return { closed: false, lines: linesOf([...before, ...between], rows, hasTheirs) };
  }

  async #firstOpen(gateway: string): Promise<string | undefined> {
    const begin = await this.#parts.books.begin();
    return (await this.#parts.settlements.closedUntil(gateway)) ?? (begin && dayOf(begin));
  }

  async #figures(gateway: string, period: Period): Promise<readonly DayRow[]> {
    const { gatewayOf, books } = this.#parts;
    const inPeriod = ({ at }: { readonly at: string }) => at >= period.since && at < period.until;
    let ours: Sheet = new Map();
    const until = new Date(Date.parse(period.until) + OVERLAP).toISOString();
    for await (const page of books.booked(gateway, { since: period.since, until }))
      ours = withLines(ours, entriesOf(page).filter(inPeriod));
    const movements = gatewayOf(gateway).movements?.(period);
    if (!movements) return rowsOf(ours, undefined);
    let theirs: Sheet = new Map();
    for await (const movement of movements) theirs = withLines(theirs, [movement]);
    return rowsOf(ours, theirs);
  }
}
