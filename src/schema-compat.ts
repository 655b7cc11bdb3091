/**
 * May a released event schema become another one? Stored events are replayed for ever and old consumers go on reading, so
 * only this is compatible: a new optional field, and words about fields. All else wants a new version beside the old one.
 */
import type { Json } from './event-schemas.ts';

const WORDS = new Set(['description', 'title', '$schema', '$id', 'examples', 'deprecated', '$comment']);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

const propertyBreaks = (before: Json, after: Json, at: string): string[] =>
  Object.entries(before).flatMap(([name, schema]) =>
    name in after ? breaks(schema, after[name], `${at}.${name}`) : [`${at}.${name}: removed`],
  );

const asSet = (value: unknown): ReadonlySet<unknown> => new Set(Array.isArray(value) ? value : []);
const requiredBreaks = (before: unknown, after: unknown, at: string): string[] => {
  const [was, is] = [asSet(before), asSet(after)];
  return [
    ...[...was].filter((name) => !is.has(name)).map((name) => `${at}.${name}: is no longer always there`),
    ...[...is].filter((name) => !was.has(name)).map((name) => `${at}.${name}: required, but stored events may lack it`),
  ];
};

const keywordBreaks = (key: string, before: unknown, after: unknown, at: string): string[] => {
  if (WORDS.has(key)) return [];
  if (key === 'properties' && isObject(before) && isObject(after)) return propertyBreaks(before, after, at);
  if (key === 'required') return requiredBreaks(before, after, at);
  if (isObject(before) && isObject(after)) return breaks(before, after, at);
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((part, i) => breaks(part, after[i], `${at}[${i}]`));
  return JSON.stringify(before) === JSON.stringify(after)
    ? []
    : [`${at}: ${key} was ${show(before)}, is ${show(after)}`];
};

/** What stands against the change from `before` to `after`, one line each; empty: compatible. */
export const breaks = (before: unknown, after: unknown, at = 'event'): string[] => {
  if (!isObject(before) || !isObject(after))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [`${at}: was ${show(before)}, is ${show(after)}`];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => keywordBreaks(key, before[key], after[key], at));
};
