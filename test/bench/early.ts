/** Answers before the commit: what a write costs less when nobody waits for it. Only for measuring; a crash loses what was answered. */
import type { CommitResult, Unit } from '../../actors/ports/journal.ts';
import type { PostgresJournal } from '../../adapters/postgres/journal.ts';

/** Events of one instance that may be answered and not on their way yet; whoever comes then waits for room. */
const AHEAD = 1_000;

interface Behind {
  unit: Unit;
  readonly room: Promise<void>;
  readonly makeRoom: () => void;
}

/** Two moves of one instance as one. */
const joined = (first: Unit, second: Unit): Unit => ({
  ...second,
  change: { ...second.change, from: first.change.from, events: [...first.change.events, ...second.change.events] },
  events: [...first.events, ...second.events],
  commands: [...first.commands, ...second.commands],
  unrecorded: [...(first.unrecorded ?? []), ...(second.unrecorded ?? [])],
  recordsOnly: first.recordsOnly && second.recordsOnly,
});

const behind = (unit: Unit): Behind => {
  const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
  return { unit, room, makeRoom };
};

const committed: CommitResult = { kind: 'committed', positions: {} };

/** Consumers wait as ever: a checkpoint answers nobody. */
const isAnswer = ({ table }: Unit): boolean => !table.startsWith('progress/');

export const answerEarly = (prototype: PostgresJournal): (() => void) => {
  const { commit, stop } = prototype;
  const underway = new Set<string>();
  const waiting = new Map<string, Behind>();

  const send = async (journal: PostgresJournal, key: string, first: Unit): Promise<void> => {
    underway.add(key);
    for (let unit: Unit | undefined = first; unit; unit = next(key)) {
      const result = await commit.call(journal, unit);
      if (result.kind !== 'committed') throw new Error(`${key} was answered, and then ${result.kind}`);
    }
    underway.delete(key);
  };
  const next = (key: string): Unit | undefined => {
    const found = waiting.get(key);
    waiting.delete(key);
    found?.makeRoom();
    return found?.unit;
  };
  const queue = async (key: string, unit: Unit): Promise<CommitResult> => {
    const before = waiting.get(key);
    if (before) before.unit = joined(before.unit, unit);
    const found = before ?? behind(unit);
    waiting.set(key, found);
    if (found.unit.events.length > AHEAD) await found.room;
    return committed;
  };

  prototype.commit = function (this: PostgresJournal, unit) {
    if (!isAnswer(unit)) return commit.call(this, unit);
    const key = `${unit.table}/${unit.change.key}`;
    if (underway.has(key)) return queue(key, unit);
    void send(this, key, unit);
    return Promise.resolve(committed);
  };
  prototype.stop = async function (this: PostgresJournal) {
    while (underway.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await stop.call(this);
  };
  return () => void Object.assign(prototype, { commit, stop });
};
