/** One text per value: what is hashed to tell whether two snapshots are the same. */

type Entry = readonly [string, unknown];
const byKey = ([a]: Entry, [b]: Entry): number => (a < b ? -1 : a > b ? 1 : 0);

const sorted = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(byKey))
    : value;

/** JSON with the keys of every object in order and without undefined ones. Equal for equal values, whoever wrote them. */
export const stableText = (value: unknown): string => JSON.stringify(value, sorted);
