/** A run that ends in the middle goes on where it was, in whatever process; and two at once are one. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Gateway, Movement, Period } from '../../actors/ports/gateway.ts';
import { type Harness, sandbox } from '../gateways/harness.ts';
import { until } from '../kit/until.ts';
import { openWorld, type World } from './world.ts';

const HOUR = 3_600_000;
const BOUGHT = 4;
const hoursAgo = (n: number) => new Date(Date.now() - n * HOUR).toISOString();

let at: Harness;
let world: World;
/** Periods whose lines were asked for. */
const asked: Period[] = [];
/** How many more may be asked for. */
let left = Number.POSITIVE_INFINITY;

/** The provider's own lines, each an hour before the next, so that a run has several pieces. */
const spread = (real: Gateway): Gateway => ({
  ...real,
  find: (question) => real.find(question),
  movements: async function* (period) {
    if (left-- <= 0) throw new Error('the process ends here');
    asked.push(period);
    const all: Movement[] = [];
    for await (const line of real.movements!({ since: hoursAgo(24), until: hoursAgo(-1) })) all.push(line);
    const moved = all.map((line, n) => ({
      ...line,
      at: new Date(Date.parse(line.at) - (all.length - 1 - n) * HOUR).toISOString(),
    }));
    yield* moved.filter((line) => line.at >= period.since && line.at < period.until);
  },
});

beforeAll(async () => {
  at = await sandbox();
  world = await openWorld(at, { gateway: spread(at.gateway) });
  for (let n = 0; n < BOUGHT; n++) await world.buy();
  const { reference } = await world.buy();
  await at.gateway.refund({ key: 'by-hand', paymentId: 'nobody', amount: 500, currency: at.currency, reference });
});
afterAll(async () => {
  await world.close();
  await at.close();
});
beforeEach(() => {
  asked.length = 0;
});

const runs = async () => {
  const filter = { against: 'gateway/sandbox' };
  return (await world.reconciliation.ports.reconciliation.runs.list(filter, { offset: 0, limit: 10 })).rows;
};
const begin = (more: object) =>
  world.reconciliation.ports.reconciliation.desk.start({ against: 'gateway/sandbox', by: 'op', ...more });

/** What happened just now is pending: some providers count in seconds. */
const pastSecond = () => {
  const next = Math.ceil(Date.now() / 1000) * 1000;
  return until(() => Date.parse(world.engine.clock.now()) > next);
};
const done = (runId: string) =>
  until(async () => (await runs()).find((run) => run.runId === runId && run.state === 'done'));

describe('a run that ends in the middle', () => {
  test('keeps its mark and what it counted, and the next process goes on from there', async () => {
    await pastSecond();
    left = 3;
    await begin({ since: hoursAgo(8) });
    const cut = await until(async () => (await runs()).find(({ error }) => error === 'the process ends here'));
    expect(cut.state).toBe('running');
    expect(cut.mark > cut.since && cut.mark < cut.until).toBe(true);
    const before = asked.length;

    left = Number.POSITIVE_INFINITY;
    world.startAgain();
    const cases = await world.run();
    const [whole, ...others] = await runs();
    expect(others).toEqual([]);
    expect(whole).toMatchObject({ runId: cut.runId, state: 'done', matched: BOUGHT + 1, found: 1 });
    expect(cases).toMatchObject([{ kind: 'missing-here', theirs: -500, status: 'open' }]);
    // What was compared before the end was not compared again.
    const begun = asked.map(({ since }) => since);
    expect(new Set(begun.slice(0, before + 2)).size).toBe(before + 2);
  });

  test('does not keep what else there is from being compared', async () => {
    left = 0;
    await expect(world.reconciliation.run()).rejects.toThrow('the process ends here');
    const { rows } = await world.reconciliation.ports.reconciliation.runs.list(
      { against: 'orders' },
      { offset: 0, limit: 1 },
    );
    expect(rows[0]!.state).toBe('done');
    expect((await runs())[0]).toMatchObject({ state: 'running', error: 'the process ends here' });
    left = Number.POSITIVE_INFINITY;
    await world.run();
    expect((await runs())[0]!.state).toBe('done');
  });

  test('what is done twice finds the cases that are there', async () => {
    const told = await world.sql('select position from reconciliation.log_head');
    const [again] = await begin({ since: hoursAgo(8) });
    expect(await done(again!.runId)).toMatchObject({ matched: BOUGHT + 1, found: 1 });
    expect(await world.sql('select position from reconciliation.log_head')).toEqual(told);
  });

  test('two that begin at once are one run', async () => {
    const [[a], [b]] = await Promise.all([begin({ since: hoursAgo(8) }), begin({ since: hoursAgo(2) })]);
    expect(a!.runId).toBe(b!.runId);
    await done(a!.runId);
    expect(await runs()).toHaveLength(4);
  });
});
