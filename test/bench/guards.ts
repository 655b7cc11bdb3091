/**
 * What the protocols consist of, each to be taken out alone. Production code has no switches for this: methods are replaced
 * in the process that measures, and put back afterwards. What is left without a guard is not correct, only fast.
 */
import { Relay } from '../../actors/relay.ts';
import { PostgresJournal } from '../../adapters/postgres/journal.ts';
import { PostgresLeases } from '../../adapters/postgres/leases.ts';
import { type Statement, StatementBuilder } from '../../adapters/postgres/statement.ts';
import { WebhookSender } from '../../adapters/sandbox/webhooks.ts';
import { viewEntities } from '../../src/views.ts';
import { answerEarly } from './early.ts';

/** Takes the guard out; the returned function puts it back. */
export type TakeOut = () => () => void;

/** Replaces a method of all instances. */
export const replace = <T extends object, K extends keyof T>(prototype: T, name: K, by: (own: T[K]) => T[K]) => {
  const own = prototype[name];
  prototype[name] = by(own);
  return () => {
    prototype[name] = own;
  };
};

type Build = StatementBuilder['build'];
/** Changes what a commit is made of. */
const building = (change: (own: Build) => Build) => () =>
  replace(
    StatementBuilder.prototype,
    'build',
    (own) =>
      function (this: StatementBuilder, ...given) {
        return change(own.bind(this))(...given);
      },
  );

/** Rows move whatever their version is, and nobody counts them. */
const withoutVersions = building((build) => (writes, contexts, lease) => {
  const { text, ...rest } = build(
    writes.map((write) => ({ ...write, guard: undefined })),
    contexts,
    lease,
  );
  return {
    ...rest,
    text: text.replace(/engine\.expect\('TW001', '[\w.]+', \(select .*?\), (\$\d+)\)/g, '$1::int >= 0'),
  };
});

const HEAD =
  /update (\w+)\.log_head set position = position \+ (\$\d+)::bigint( where \(select ok from checked\))? returning position/g;
/** Positions come from a counter in memory, as a lone node could do it. */
const withoutHeads = (): TakeOut => {
  const last = new Map<string, number>();
  return building((build) => (writes, contexts, lease) => {
    const statement = build(writes, contexts, lease);
    const values = [...statement.values];
    const fromMemory = (_: string, context: string, count: string, where = '') => {
      const position = (last.get(context) ?? 0) + Number(values[Number(count.slice(1)) - 1]);
      last.set(context, position);
      return `select $${values.push(position)}::bigint as position, ${count}::bigint as count${where}`;
    };
    return { ...statement, text: statement.text.replace(HEAD, fromMemory), values } satisfies Statement;
  });
};

const withoutRecords = building(
  (build) => (writes, contexts, lease) =>
    build(
      writes,
      contexts.map((each) => ({ ...each, commands: [] })),
      lease,
    ),
);

/** What rows remember is written without a look whether the command was refused before. */
const withoutRefusals = building(
  (build) => (writes, contexts, lease) =>
    build(
      writes,
      contexts.map((each) => ({ ...each, unrecorded: [] })),
      lease,
    ),
);

const withoutCheckpoints = building(
  (build) => (writes, contexts, lease) =>
    build(
      writes.filter(({ entity }) => !entity.meta.className.startsWith('Checkpoint_')),
      contexts,
      lease,
    ),
);

/** The catalogue's rows are needed to buy anything. */
const VIEWS: ReadonlySet<unknown> = new Set(viewEntities.filter(({ meta }) => meta.schema !== 'products'));
/** Views are folded, but their rows stay as they were. */
const withoutViewRows = building(
  (build) => (writes, contexts, lease) =>
    build(
      writes.filter(({ entity }) => !VIEWS.has(entity)),
      contexts,
      lease,
    ),
);

/** Whoever holds a lease believes in it for ever, without a look at the clock. */
const withoutDeadlines = () =>
  replace(
    PostgresLeases.prototype,
    'acquire',
    (own) =>
      async function (this: PostgresLeases, name) {
        const lease = await own.call(this, name);
        return lease && { ...lease, held: () => true };
      },
  );

const nothing = () => undefined;
const withoutRelay = () => replace(Relay.prototype, 'start', () => nothing);
const withoutWebhooks = () => replace(WebhookSender.prototype, 'send', () => nothing);
export const TAKE_OUT = {
  versions: withoutVersions,
  heads: withoutHeads(),
  records: withoutRecords,
  refusals: withoutRefusals,
  checkpoints: withoutCheckpoints,
  views: withoutViewRows,
  lease: building((build) => (writes, contexts) => build(writes, contexts)),
  deadlines: withoutDeadlines,
  waiting: () => answerEarly(PostgresJournal.prototype),
  relay: withoutRelay,
  webhooks: withoutWebhooks,
} as const satisfies Readonly<Record<string, TakeOut>>;
export type GuardName = keyof typeof TAKE_OUT;
