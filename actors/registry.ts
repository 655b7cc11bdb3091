/** The supervision tree as operators see it: who lives where, in which state, and what it is busy with. */
import { type Observable, Subject } from 'rxjs';
import type { ActorReport } from './ports/operations.ts';

export type NodeReport = ActorReport;

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

  /**
   * The tree, or the branch whose path begins with `branch`: the system, then contexts, sagas, consumers, outcalls and jobs,
   * then who lives there. `depth` 0: only the first level; 1: regions, consumers ...; 2: instances too.
   */
  tree(branch = '', depth = 1): NodeReport {
    const reports = [...this.#reporters.values()]
      .filter(({ path }) => path.startsWith(branch) || branch.startsWith(path))
      .map((reporter) => narrow(reporter.report(depth), branch));
    if (branch.includes('/')) return { path: '', kind: 'system', state: 'running', children: reports };
    const groups = Map.groupBy(reports, ({ path }) => path.split('/')[0]!);
    const children = [...groups].map(([path, members]) => group(path, members, depth));
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

/** A level of its own for what shares the first part of its path; a lone reporter of that very path stands for itself. */
const group = (path: string, members: readonly NodeReport[], depth: number): NodeReport => {
  const only = members.length === 1 && members[0]!.path === path ? members[0] : undefined;
  if (only) return only;
  const sum = (figure: (report: NodeReport) => number | undefined) =>
    members.reduce((total, member) => total + (figure(member) ?? 0), 0);
  return {
    path,
    kind: 'context',
    state: members.every(({ state }) => state !== 'stalled') ? 'running' : 'stalled',
    inbox: sum(({ inbox }) => inbox),
    restarts: sum(({ restarts }) => restarts),
    children: depth > 0 ? members : undefined,
  };
};
