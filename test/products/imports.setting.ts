/** Imports with stores and products that answer as the test says. */
import { Imports } from '../../actors/imports.ts';
import type { Answer, Commander, Meta } from '../../actors/ports/commander.ts';
import type { DoneRow, ImportStore, OpenRow, ProductDirectory } from '../../actors/ports/imports.ts';
import type { Views } from '../../actors/ports/readers.ts';
import { Registry } from '../../actors/registry.ts';
import type { ImportProgress } from '../../contracts/imports.ts';
import { until } from '../kit/until.ts';

export const progress = (importId: string): ImportProgress => ({
  importId,
  sellerId: 's1',
  by: 's1',
  format: 'csv',
  status: 'running',
  received: 0,
  done: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  refused: 0,
  startedAt: '2026-03-01T12:00:00.000Z',
});
export const row = (line: number, externalId: string, stock = 1): OpenRow => ({
  line,
  input: {
    externalId,
    title: `row ${line}`,
    variants: [{ sku: `SKU-${line}`, prices: [] }],
    stock: [{ sku: `SKU-${line}`, counted: stock }],
  },
});
export const accepted = (written = true): Answer => ({
  kind: 'accepted',
  version: 1,
  positions: written ? { products: 1 } : {},
  repeated: false,
});
export interface Asked {
  readonly to: string;
  readonly key: string;
  readonly title?: string;
  readonly meta: Meta;
}

/** Rows by import; `answer` is what products and stock say. */
export const setting = (
  rows: Readonly<Record<string, readonly OpenRow[]>>,
  answer: (asked: Asked) => Answer | Promise<Answer> = () => accepted(),
  more: { readonly chunk?: number; readonly atOnce?: number; readonly views?: Views } & Partial<ProductDirectory> = {},
) => {
  const asked: Asked[] = [];
  const done = new Map<string, DoneRow>();
  const faults: Error[] = [];
  const fault = () => {
    const next = faults.shift();
    if (next) throw next;
  };
  const store: Pick<ImportStore, 'open' | 'record' | 'running'> = {
    open: async (id, after, limit) =>
      rows[id]!.filter(({ line }) => line > after && !done.has(`${id}/${line}`)).slice(0, limit),
    record: async (id, all) => {
      fault();
      for (const one of all) done.set(`${id}/${one.line}`, one);
      return progress(id);
    },
    running: async () =>
      Object.keys(rows)
        .filter((id) => rows[id]!.some(({ line }) => !done.has(`${id}/${line}`)))
        .map(progress),
  };
  const commander: Commander = {
    ask: async (to, key, command, meta) => {
      const one = { to, key, title: (command as { title?: string }).title, meta };
      asked.push(one);
      return answer(one);
    },
  };
  const products: ProductDirectory = {
    known: more.known ?? (async () => ({ bySku: new Map(), byId: new Map() })),
    outcomes: more.outcomes ?? (async () => new Map()),
  };
  const counts = { moved: async () => new Set<string>() };
  const imports = new Imports({
    store: store as ImportStore,
    products,
    counts,
    commander,
    views: { reached: async () => true },
    registry: new Registry(),
    ...more,
  });
  const outcomes = () =>
    [...done.values()].sort((a, b) => a.line - b.line).map(({ outcome, errors }) => errors?.[0]?.code ?? outcome);
  return { imports, asked, done, faults, outcomes, ended: (count: number) => until(() => done.size === count) };
};
