/** The supervision tree as operators see it: who lives where, in which state, and what it is busy with. */
import { type Observable, Subject } from 'rxjs';

export interface NodeReport {
  readonly path: string;
  readonly kind:
    | 'system'
    | 'context'
    | 'region'
    | 'instance'
    | 'consumer'
    | 'saga'
    | 'relay'
    | 'outcalls'
    | 'journal'
    | 'job';
  readonly state: string;
  readonly inbox?: number;
  /** Milliseconds that the oldest waiting message has waited. */
  readonly oldest?: number;
  readonly version?: number;
  readonly processed?: number;
  /** Milliseconds spent deciding, all in all. */
  readonly busy?: number;
  readonly restarts?: number;
  readonly lastError?: string;
  readonly active?: number;
  readonly passivated?: number;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly children?: readonly NodeReport[];
}

/** Something that happened in the tree and that an operator may want to know. */
export interface TreeChange {
  readonly path: string;
  readonly change:
    | 'crashed'
    | 'quarantined'
    | 'revived'
    | 'parked'
    | 'stalled'
    | 'recovered'
    | 'retried'
    | 'fenced'
    | 'finished'
    | 'started'
    | 'stopped';
  readonly correlationId?: string;
  readonly errorId?: string;
  readonly error?: unknown;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface Reporter {
  readonly path: string;
  /** `depth` 0: without children. */
  report(depth: number): NodeReport;
}

export class Registry {
  readonly #reporters = new Map<string, Reporter>();
  readonly #changes = new Subject<TreeChange>();

  /** Crashes, quarantines, parked events ...: feeds logs, metrics and the console. */
  get changes(): Observable<TreeChange> {
    return this.#changes;
  }

  add(reporter: Reporter): void {
    this.#reporters.set(reporter.path, reporter);
  }

  announce(change: TreeChange): void {
    this.#changes.next(change);
  }

  /** All of the tree, or the branch whose path begins with `branch`; `depth` 2 shows instances. */
  tree(branch = '', depth = 1): NodeReport {
    const children = [...this.#reporters.values()]
      .filter((reporter) => reporter.path.startsWith(branch) || branch.startsWith(reporter.path))
      .map((reporter) => reporter.report(depth))
      .map((report) => narrow(report, branch));
    return { path: '', kind: 'system', state: 'running', children };
  }

  reports(): readonly NodeReport[] {
    return [...this.#reporters.values()].map((reporter) => reporter.report(0));
  }
}

/** Keeps of the children those on the way to `branch`. */
const narrow = (report: NodeReport, branch: string): NodeReport =>
  report.children && branch.length > report.path.length
    ? { ...report, children: report.children.filter((child) => child.path.startsWith(branch)) }
    : report;
