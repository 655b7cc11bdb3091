/** Imports as the edge sees them: kept in their tables, worked through beside, watched by who wants to. */
import type { ImportProgress } from '../contracts/imports.ts';
import type { Imports } from './imports.ts';
import { type ImportDesk, type ImportStore, versionOf } from './ports/imports.ts';

/** Milliseconds after which a watcher looks for itself: the news may be another node's. */
const LOOK_EVERY = 1_000;
const isOver = ({ status }: ImportProgress): boolean => status === 'completed' || status === 'failed';

/** Resolves with news, when it is time to look, or when `signal` aborts. */
const news = ({ listen }: Imports, importId: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const told = () => {
      clearTimeout(timer);
      leave();
      signal.removeEventListener('abort', told);
      resolve();
    };
    const timer = setTimeout(told, LOOK_EVERY).unref();
    const leave = listen(importId, told);
    signal.addEventListener('abort', told, { once: true });
    if (signal.aborted) told();
  });

export const importDesk = (store: ImportStore, imports: Imports): ImportDesk => ({
  begin: (head) => store.begin(head),
  append: (importId, rows) => store.append(importId, rows),
  received: (importId, digest) => store.received(importId, digest),
  fail: (importId, problem) => store.fail(importId, problem),
  byId: (importId) => store.byId(importId),
  list: (sellerId, slice) => store.list(sellerId, slice),
  report: (importId, filter, slice) => store.report(importId, filter, slice),
  run: imports.run,
  async *watch(importId, after, signal) {
    for (let seen = after; ; ) {
      const next = news(imports, importId, signal);
      const progress = await store.byId(importId);
      if (!progress) return;
      if (versionOf(progress) > seen) yield progress;
      seen = Math.max(seen, versionOf(progress));
      if (isOver(progress) || signal.aborted) return;
      await next;
    }
  },
});
