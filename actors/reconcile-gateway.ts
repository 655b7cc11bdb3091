/** A provider's balance against our books, a piece of time at a time. */
import type { Finding } from '../contracts/reconciliation.ts';
import { compare, missingThere } from '../domains/reconciliation/compare.ts';
import { correctionOf, type Entry, entriesOf, lineOf } from '../domains/reconciliation/lines.ts';
import type { Dispute, Gateway, Movement, Period } from './ports/gateway.ts';
import type { BalanceBooks, DisputeLog } from './ports/reconciliation.ts';
import type { Compared, Subject } from './reconciler.ts';

/** Milliseconds. `settles`: how much later than a payment its line may come. */
interface Pace {
  readonly piece: number;
  readonly settles: number;
}
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Razorpay reports by the day, and only what is settled, days after it was taken. */
const PACES: Readonly<Record<string, Pace>> = { razorpay: { piece: DAY, settles: 4 * DAY } };
const USUAL: Pace = { piece: HOUR, settles: 0 };

/** Milliseconds around a piece in which lines are still looked at, for the entries at its edges. */
const MARGIN = 600_000;
/** Disputes that began earlier are over. */
const DISPUTES_BACK = 180 * DAY;

const moved = (at: string, by: number): string => new Date(Date.parse(at) + by).toISOString();
const present = (names: readonly (string | undefined)[]): string[] => [
  ...new Set(names.filter((name) => name !== undefined)),
];
const collect = async <T>(all: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
};

export interface GatewayParts {
  readonly gateway: Gateway & Required<Pick<Gateway, 'movements'>>;
  readonly books: BalanceBooks;
  readonly disputes: DisputeLog;
  /** Brings a dispute into the books, if it is not there as it stands: its webhook may be lost. False: it cannot be taken. */
  readonly bringIn: (gateway: string, dispute: Dispute) => Promise<boolean>;
  /** Milliseconds that everything is given to arrive on both sides. */
  readonly grace: number;
}

/** The provider itself knows best: an entry without a line may have its line at another time, or in a list of its own. */
const unheard = async ({ gateway, books }: GatewayParts, entry: Entry): Promise<readonly Finding[]> => {
  const finding = missingThere(gateway.name, entry);
  const question = await books.question(entry);
  const result = question && (await gateway.find(question));
  if (result?.outcome !== 'succeeded') return [finding];
  const theirs = Math.sign(entry.amount) * result.amount;
  return theirs === entry.amount && result.currency === entry.currency
    ? []
    : [{ ...finding, kind: 'amount-differs', theirs }];
};

const namedLines = async ({ gateway, books }: GatewayParts, movements: readonly Movement[]) => {
  const names = await books.names(
    present(movements.map(({ payment }) => payment)),
    present(movements.map(({ key }) => key)),
  );
  const lines = movements.map((movement) => lineOf(movement, names));
  const corrections = lines.map(({ reference }) => correctionOf(reference));
  const sources = [...present(lines.map(({ paymentId }) => paymentId)), ...corrections];
  const postings = await books.bySources(gateway.name, sources);
  return { lines, entries: entriesOf(postings) };
};

const compareWith = async (parts: GatewayParts, { settles }: Pace, { since, until }: Period): Promise<Compared> => {
  const { gateway, books } = parts;
  const around = { since: moved(since, -MARGIN), until: moved(until, MARGIN + settles) };
  const { lines, entries } = await namedLines(parts, await collect(gateway.movements(around)));
  const booked: Entry[] = [];
  for await (const page of books.booked(gateway.name, { since, until })) booked.push(...entriesOf(page));
  const all = new Map([...entries, ...booked].map((entry) => [entry.id, entry]));
  const judged = { gateway: gateway.name, since, until, entries: new Set(booked.map(({ id }) => id)) };
  const { matched, findings, unheard: alone } = compare(lines, [...all.values()], judged);
  const missing: Finding[] = [];
  for (const entry of alone) missing.push(...(await unheard(parts, entry)));
  return { matched: matched.length, findings: [...findings, ...missing] };
};

export const gatewaySubject = (parts: GatewayParts): Subject => {
  const { gateway, disputes, grace, bringIn } = parts;
  const pace = PACES[gateway.name] ?? USUAL;
  return {
    against: `gateway/${gateway.name}`,
    piece: pace.piece,
    grace: grace + pace.settles,
    compare: (period) => compareWith(parts, pace, period),
    after: async (now) => {
      if (!gateway.disputes) return;
      const period = { since: moved(now, -DISPUTES_BACK), until: moved(now, MARGIN) };
      const found = await collect(gateway.disputes.list(period));
      await disputes.keep(gateway.name, found);
      // What cannot be taken stays a case: the line of the balance is not in our books.
      for (const dispute of found) await bringIn(gateway.name, dispute);
    },
  };
};
