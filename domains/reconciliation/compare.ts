/**
 * A provider's balance against our books. Lines and entries are matched by what they are about, one to one; what is left
 * over is a difference. What lies outside the period takes part, so that nothing is missing only because of an edge, but
 * is judged by the run whose period it is in.
 */
import type { Instant } from '../../contracts/common.ts';
import type { Finding } from '../../contracts/reconciliation.ts';
import type { Entry, Line, LineKind } from './lines.ts';
import { suggestionFor } from './suggestions.ts';

export interface Pair {
  readonly line: Line;
  readonly entry: Entry;
}
export interface Comparison {
  readonly matched: readonly Pair[];
  readonly findings: readonly Finding[];
  /** Judged entries without a line: the provider is asked about each before it is a difference. */
  readonly unheard: readonly Entry[];
}
export interface Judged {
  readonly gateway: string;
  readonly since: Instant;
  readonly until: Instant;
  /** Ids of the entries that are judged, whatever their time. */
  readonly entries: ReadonlySet<string>;
}

/** Milliseconds that the provider's clock may be ahead of ours. */
const SKEW = 300_000;
/** We book what has happened: a line that is younger than an entry is not what was booked. */
const mayBe = (line: Line, entry: Entry): boolean => Date.parse(line.at) <= Date.parse(entry.at) + SKEW;
const sameSign = (line: Line, entry: Entry): boolean => Math.sign(line.amount) === Math.sign(entry.amount);
/** A balance in another currency than the payment's tells nothing of its amount. */
const sameAmount = (line: Line, entry: Entry): boolean =>
  sameSign(line, entry) && (line.currency !== entry.currency || line.amount === entry.amount);
const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byTime = (a: Line, b: Line): number => text(a.at, b.at) || text(a.reference, b.reference);
const byId = (a: Entry, b: Entry): number => text(a.at, b.at) || text(a.id, b.id);

interface Rest {
  readonly lines: readonly Line[];
  readonly entries: readonly Entry[];
}
/** Takes pairs out: each line with the first entry left that `fits`. */
const pairUp = ({ lines, entries }: Rest, fits: (line: Line, entry: Entry) => boolean) => {
  const left = [...entries];
  const pairs: Pair[] = [];
  const alone = lines.filter((line) => {
    const at = left.findIndex((entry) => mayBe(line, entry) && fits(line, entry));
    if (at >= 0) pairs.push({ line, entry: left.splice(at, 1)[0]! });
    return at < 0;
  });
  return { pairs, lines: alone, entries: left };
};

/** Payouts leave the balance for our bank: they are reported, and not booked by payments. */
const COMPARED = ({ kind }: { readonly kind: LineKind }): boolean => kind !== 'payout';

const finding = (gateway: string, kind: Finding['kind'], { line, entry }: Partial<Pair>): Finding => {
  const { at, currency, paymentId } = (line ?? entry)!;
  const reference = line?.reference ?? entry!.id;
  const ofFee = kind === 'fee-differs';
  return {
    against: `gateway/${gateway}`,
    kind,
    reference,
    at,
    currency,
    ours: ofFee ? entry?.fee : entry?.amount,
    theirs: ofFee ? line?.fee : line?.amount,
    paymentId: paymentId ?? entry?.paymentId,
    suggestion: suggestionFor(kind, line ?? entry!),
  };
};
/** What nobody knows of at the provider, though it is in our books. */
export const missingThere = (gateway: string, entry: Entry): Finding => finding(gateway, 'missing-there', { entry });

const netOf = ({ amount, fee }: Pick<Line, 'amount' | 'fee'>): number => amount - fee;
/** A correction that is named after a line explains what is left of it. */
const correctionsOf = (entries: readonly Entry[]) => {
  const corrections = Map.groupBy(
    entries.filter(({ corrects }) => corrects !== undefined),
    ({ corrects, currency }) => `${corrects} ${currency}`,
  );
  return (line: Line, entry?: Entry): boolean => {
    const made = corrections.get(`${line.reference} ${line.currency}`);
    const open = netOf(line) - (entry ? netOf(entry) : 0);
    return made !== undefined && made.reduce((sum, one) => sum + netOf(one), 0) === open;
  };
};

/** Some providers tell a fee later than what it is for: it is an entry of its own, under the same name. */
const isLater = ({ kind, corrects }: Entry): boolean => kind === 'fee' && corrects === undefined;
const feesBeside = (entries: readonly Entry[]) => {
  const later = Map.groupBy(entries.filter(isLater), ({ about }) => about);
  return ({ line, entry }: Pair): boolean => {
    const beside = later.get(`fee/${entry.about.slice(entry.kind.length + 1)}`) ?? [];
    return line.fee === beside.reduce((sum, { fee }) => sum + fee, entry.fee);
  };
};
const feeDiffers = ({ line, entry }: Pair): boolean => line.currency === entry.currency && line.fee !== entry.fee;

export const compare = (lines: readonly Line[], entries: readonly Entry[], judged: Judged): Comparison => {
  const { gateway, since, until } = judged;
  const own = entries.filter((entry) => COMPARED(entry) && !isLater(entry) && entry.corrects === undefined);
  const [isExplained, isBooked] = [correctionsOf(entries), feesBeside(entries)];
  const isJudged = ({ at }: Line) => at >= since && at < until;
  const nameless = (line: Line) => line.about ?? `line/${line.reference}`;
  const lineGroups = Map.groupBy(lines.filter(COMPARED).toSorted(byTime), nameless);
  const entryGroups = Map.groupBy(own.toSorted(byId), ({ about }) => about);
  const matched: Pair[] = [];
  const findings: Finding[] = [];
  const unheard: Entry[] = [];
  for (const about of [...new Set([...lineGroups.keys(), ...entryGroups.keys()])].sort()) {
    const exact = pairUp({ lines: lineGroups.get(about) ?? [], entries: entryGroups.get(about) ?? [] }, sameAmount);
    const close = pairUp(exact, sameSign);
    for (const pair of exact.pairs.filter(({ line }) => isJudged(line))) {
      matched.push(pair);
      if (feeDiffers(pair) && !isBooked(pair) && !isExplained(pair.line, pair.entry))
        findings.push(finding(gateway, 'fee-differs', pair));
    }
    for (const pair of close.pairs.filter(({ line, entry }) => isJudged(line) && !isExplained(line, entry)))
      findings.push(finding(gateway, 'amount-differs', pair));
    for (const line of close.lines.filter((one) => isJudged(one) && !isExplained(one)))
      findings.push(finding(gateway, 'missing-here', { line }));
    unheard.push(...close.entries.filter(({ id }) => judged.entries.has(id)));
  }
  return { matched, findings, unheard };
};
