/** Imports for tests of the edge: rows are kept, and those that can be read are said to be created. */
import type { DoneRow, ImportDesk, ReadRow } from '../../actors/ports/imports.ts';
import type { ImportProgress } from '../../contracts/imports.ts';

interface Kept {
  progress: ImportProgress;
  rows: ReadRow[];
  digest?: string;
}
const at = '2026-03-01T12:00:00.000Z';
const NOTHING = { received: 0, done: 0, created: 0, updated: 0, unchanged: 0, refused: 0 };

export const importsInMemory = (): ImportDesk & { readonly rows: (importId: string) => readonly ReadRow[] } => {
  const all = new Map<string, Kept>();
  const change = (importId: string, more: Partial<ImportProgress>): ImportProgress => {
    const kept = all.get(importId)!;
    kept.progress = { ...kept.progress, ...more };
    return kept.progress;
  };
  const toDone = ({ line, errors }: ReadRow): DoneRow => ({ line, outcome: errors ? 'refused' : 'created', errors });
  return {
    begin: async ({ importId, ...head }) => {
      const known = all.get(importId);
      if (known && known.progress.status !== 'receiving') return { progress: known.progress, digest: known.digest };
      const progress: ImportProgress = { importId, ...head, status: 'receiving', ...NOTHING, startedAt: at };
      all.set(importId, { progress, rows: [] });
      return { progress };
    },
    append: async (importId, rows) => void all.get(importId)!.rows.push(...rows),
    received: async (importId, digest) => {
      const kept = all.get(importId)!;
      const refused = kept.rows.filter(({ errors }) => errors).length;
      const received = kept.rows.length;
      kept.digest = digest;
      const counts = { received, done: received, refused, created: received - refused };
      return change(importId, { ...counts, status: 'completed', endedAt: at });
    },
    fail: async (importId, problem) => change(importId, { status: 'failed', problem, endedAt: at }),
    byId: async (importId) => all.get(importId)?.progress,
    list: async (sellerId) => {
      const rows = [...all.values()]
        .map(({ progress }) => progress)
        .filter((one) => sellerId === undefined || one.sellerId === sellerId);
      return { rows, total: rows.length };
    },
    report: async (importId) => {
      const rows = all.get(importId)!.rows.map(toDone);
      return { rows, total: rows.length };
    },
    run: () => undefined,
    watch: async function* (importId) {
      const progress = all.get(importId)?.progress;
      if (progress) yield progress;
    },
    rows: (importId) => all.get(importId)?.rows ?? [],
  };
};
