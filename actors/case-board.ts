/** How many differences are open, by kind, and since when: for metrics and the tree. Counted after runs, not in between. */
import { FindingKind } from '../contracts/reconciliation.ts';
import type { CaseReader } from './ports/reconciliation.ts';
import type { NodeReport, Registry } from './registry.ts';

type Standing = Awaited<ReturnType<CaseReader['standing']>>;

export class CaseBoard {
  readonly #cases: Pick<CaseReader, 'standing'>;
  #standing: Standing = [];
  /** Milliseconds since 1970. */
  #countedAt?: number;

  constructor(cases: Pick<CaseReader, 'standing'>, registry: Registry) {
    this.#cases = cases;
    for (const kind of FindingKind.options) {
      const path = `reconciliation/${kind}`;
      registry.add({ path, report: () => this.#report(path, kind) });
    }
  }

  async count(): Promise<void> {
    this.#standing = await this.#cases.standing();
    this.#countedAt = Date.now();
  }

  #report(path: string, kind: FindingKind): NodeReport {
    const found = this.#standing.find((one) => one.kind === kind);
    return {
      path,
      kind: 'reconciliation',
      state: found ? 'open' : 'clear',
      inbox: found?.open ?? 0,
      oldest: found ? Date.now() - Date.parse(found.oldest) : 0,
      detail: { countedAt: this.#countedAt },
    };
  }
}
