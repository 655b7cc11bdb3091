/** The rows of one import on their way: a few chunks at a time, rows of one product one after the other. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Id, Sku } from '../contracts/common.ts';
import type { ImportProgress, RowOutcome } from '../contracts/imports.ts';
import {
  type Accepted,
  type AddressedRow,
  addressed,
  derivedId,
  errorOf,
  lastOf,
  outcomeOf,
  productCommand,
  refused,
  stockSteps,
} from './import-rows.ts';
import type { Answer, Commander } from './ports/commander.ts';
import type {
  CountDirectory,
  DoneRow,
  ImportStore,
  KnownProducts,
  OpenRow,
  ProductDirectory,
} from './ports/imports.ts';
import type { Views } from './ports/readers.ts';

export interface RunParts {
  readonly store: ImportStore;
  readonly products: ProductDirectory;
  readonly counts: CountDirectory;
  readonly commander: Commander;
  readonly views: Views;
  /** Rows in one chunk. */
  readonly chunk?: number;
}
/** Chunks that are under way together: one is decided while another is committed. */
const LANES = 3;
/** Chunks that views may be behind. Everybody's changes go into the same views, and are seen no sooner than these. */
const UNSEEN = 10;
/** Milliseconds that a chunk waits for them at most: views that stand still slow an import, but do not stop it. */
const LOOK = 1_000;
/** Milliseconds that a command of an import may take: it waits longer than those of people. */
const PATIENCE = 30_000;

type Positions = Parameters<Views['reached']>[0];

/** The work stops here; what is open stays open. */
export class Stopping extends Error {}

/** What became of a row: known, or to be told from its accepted answers. */
type Sent = { readonly row: AddressedRow } & (
  | { readonly done: DoneRow; readonly answers?: undefined }
  | { readonly done?: undefined; readonly answers: readonly Accepted[] }
);

export class ImportRun {
  readonly #parts: RunParts;
  readonly #progress: ImportProgress;
  readonly #isStopped: () => boolean;
  readonly #recorded: (progress: ImportProgress, rows: number) => void;
  /** The last row under way of each product: is the product there after it? */
  readonly #tails = new Map<string, Promise<boolean>>();
  /** Whose the SKUs of rows under way are: a look-up before their commit does not find them. */
  readonly #owners = new Map<Sku, Id>();
  /** SKUs of rows that have ended: the next look-up finds them. */
  #ended: Sku[] = [];
  /** Chunks get in line one after the other: the look-up of a small one may come back before that of a large one. */
  #lined: Promise<unknown> = Promise.resolve();

  constructor(
    parts: RunParts,
    progress: ImportProgress,
    isStopped: () => boolean,
    recorded: (progress: ImportProgress, rows: number) => void,
  ) {
    this.#parts = parts;
    this.#progress = progress;
    this.#isStopped = isStopped;
    this.#recorded = recorded;
  }

  /** Until no row is open. The first failure ends it, when all that is under way has come to an end. */
  async work(): Promise<void> {
    const under: Promise<Positions>[] = [];
    const unseen: Positions[] = [];
    try {
      for (let n = 0, after = 0; ; n += 1) {
        const rows = await this.#parts.store.open(this.#progress.importId, after, this.#parts.chunk ?? 500);
        if (rows.length === 0 || this.#isStopped()) break;
        after = rows.at(-1)!.line;
        // So many chunks may have been sent by an earlier life without being recorded.
        under.push(this.#chunk(rows, n < LANES));
        if (under.length === LANES) unseen.push((await under.shift())!);
        if (unseen.length > UNSEEN) await this.#parts.views.reached(unseen.shift()!, LOOK);
      }
    } finally {
      await Promise.allSettled(under);
    }
    await Promise.all(under);
  }

  #chunk(rows: readonly OpenRow[], resumed: boolean): Promise<Positions> {
    const work = this.#take(rows, resumed).then(async (sent) => {
      const done = await this.#outcomes(sent);
      this.#recorded(await this.#parts.store.record(this.#progress.importId, done), done.length);
      return lastOf(sent.flatMap(({ answers = [] }) => answers));
    });
    // A failure is met when it is waited for.
    work.catch(() => undefined);
    return work;
  }

  /** `resumed`: they may have been sent before. */
  async #take(open: readonly OpenRow[], resumed: boolean): Promise<readonly Sent[]> {
    const lined = this.#lined.then(() => this.#line(open, resumed));
    this.#lined = lined.catch(() => undefined);
    return (await Promise.all(await lined)).flat();
  }

  /** Every row in line for its product, behind those of the chunks before. */
  async #line(open: readonly OpenRow[], resumed: boolean): Promise<readonly Promise<Sent[]>[]> {
    for (const sku of this.#ended.splice(0)) this.#owners.delete(sku);
    const known = await this.#parts.products.known(
      open.flatMap(({ input }) => input.variants.map(({ sku }) => sku)),
      open.map(({ input }) => derivedId(this.#progress.sellerId, input)),
    );
    const rows = open.map((row) => this.#addressed(row, known));
    const byProduct = Map.groupBy(rows, ({ productId }) => productId);
    return [...byProduct].map(([productId, own]) => this.#inTurn(productId, own, resumed));
  }

  #addressed(open: OpenRow, known: KnownProducts): AddressedRow {
    const row = addressed(this.#progress, open, known, this.#owners);
    for (const { sku } of open.input.variants) if (!this.#owners.has(sku)) this.#owners.set(sku, row.productId);
    return row;
  }

  /** After the rows of the product that came before, in the order of the file. One that breaks keeps the later ones open. */
  #inTurn(productId: string, rows: readonly AddressedRow[], resumed: boolean): Promise<Sent[]> {
    const before = this.#tails.get(productId) ?? Promise.resolve(false);
    const turn = before.then((exists) => this.#product(rows, resumed, exists));
    const tail = turn.then((sent) => sent.some(({ answers }) => answers !== undefined));
    this.#tails.set(productId, tail);
    const over = () => {
      if (this.#tails.get(productId) === tail) this.#tails.delete(productId);
      this.#ended.push(...rows.flatMap(({ input }) => input.variants.map(({ sku }) => sku)));
    };
    tail.then(over, () => undefined);
    return turn;
  }

  async #product(rows: readonly AddressedRow[], resumed: boolean, isThere: boolean): Promise<Sent[]> {
    const all: Sent[] = [];
    let exists = isThere;
    for (const row of rows) {
      const sent = await this.#send({ ...row, exists: exists || row.exists }, resumed);
      exists ||= sent.answers !== undefined;
      all.push(sent);
    }
    return all;
  }

  /** The product first: only an accepted row moves stock. */
  async #send(row: AddressedRow, resumed: boolean): Promise<Sent> {
    if (row.taken) return { row, done: refused(row, errorOf({ type: 'SkuTaken', sku: row.taken })) };
    const answers = [
      await this.#ask('product', row.productId, productCommand(this.#progress, row), row.source, resumed),
    ];
    if (answers[0]!.kind === 'accepted') {
      const counts = stockSteps(row).map((step) =>
        this.#ask('inventory-item', step.sku, step.command, step.id, resumed),
      );
      answers.push(...(await Promise.all(counts)));
    }
    const failure = answers.find(({ kind }) => kind !== 'accepted');
    return failure ? { row, done: refused(row, failureOf(failure)) } : { row, answers: answers as Accepted[] };
  }

  /** Until there is an answer; whoever says "not now" is asked again. */
  async #ask(to: string, key: string, command: { readonly type: string }, id: string, first: boolean): Promise<Answer> {
    const { importId, by: principal } = this.#progress;
    for (let resumed = first; ; resumed = true) {
      const meta = { id, principal, correlationId: importId, timeout: PATIENCE, resumed };
      const answer = await this.#parts.commander.ask(to, key, command, meta);
      if (answer.kind !== 'unavailable') return answer;
      if (this.#isStopped()) throw new Stopping();
      await pause(Math.min(answer.retryAfter, 1) * 1_000);
    }
  }

  async #outcomes(sent: readonly Sent[]): Promise<DoneRow[]> {
    const again = sent.filter(({ answers }) => answers?.[0]?.repeated).map(({ row }) => row);
    const before = again.length > 0 ? await this.#before(again) : new Map<string, RowOutcome>();
    return sent.map(({ row, done, answers }) => {
      if (done) return done;
      const { line, productId, source } = row;
      return { line, productId, outcome: outcomeOf(row, answers!, before.get(source)) };
    });
  }

  /** Rows that an earlier life has sent already are told from what their products and the stock remember. */
  async #before(rows: readonly AddressedRow[]): Promise<ReadonlyMap<string, RowOutcome>> {
    const { products, counts } = this.#parts;
    const [made, moved] = await Promise.all([
      products.outcomes(rows),
      counts.moved(rows.flatMap(({ input, source }) => input.stock.map(({ sku }) => ({ sku, countId: source })))),
    ]);
    return new Map([...[...moved].map((source) => [source, 'updated'] as const), ...made]);
  }
}

const failureOf = (answer: Answer) => {
  if (answer.kind === 'rejected') return errorOf(answer.rejection);
  const errorId = answer.kind === 'faulted' ? answer.errorId : answer.kind;
  return { field: 'row', code: 'internal_error', message: `something broke on our side: ${errorId}` };
};
