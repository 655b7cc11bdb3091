/** Protocol 8: whatever dies while a provider is asked to charge, it charges once. */
import { beforeEach, expect, test } from '@jest/globals';
import { Outcalls } from '../../actors/outcalls.ts';
import type { Answer } from '../../actors/ports/commander.ts';
import { Registry } from '../../actors/registry.ts';
import { accepted, fakeCommander } from '../kit/edge.ts';
import { until } from '../kit/until.ts';

interface Charge {
  readonly attemptId: string;
  readonly correlationId: string;
}
type Death = 'before' | 'during' | 'after';

/** What has been charged, by key; a provider with a short memory, so that asking twice to charge would charge twice. */
let charges: string[] = [];
let questions: string[] = [];
beforeEach(() => {
  charges = [];
  questions = [];
});
const never = new Promise<never>(() => undefined);

interface LifeOptions {
  /** Where the process dies. */
  readonly dies?: Death;
  readonly answer?: () => Answer;
  readonly call?: (attempt: Charge) => Promise<string>;
  readonly ask?: (attempt: Charge) => Promise<string | undefined>;
  readonly concurrency?: number;
}
const startLife = ({ dies, answer = () => accepted(), call, ask, concurrency = 4 }: LifeOptions = {}) => {
  const { commander, asked } = fakeCommander(() => (dies === 'after' ? never : answer()));
  const outcalls = new Outcalls<Charge, string>({
    name: 'gateway',
    commander,
    registry: new Registry(),
    concurrency,
    call:
      call ??
      (async ({ attemptId }) => {
        if (dies === 'before') return never;
        charges.push(attemptId);
        return dies === 'during' ? never : 'charged';
      }),
    ask:
      ask ??
      (async ({ attemptId }) => {
        questions.push(attemptId);
        return charges.includes(attemptId) ? 'charged' : undefined;
      }),
    report: ({ attemptId }, result) => ({
      to: 'payment',
      key: 'p',
      command: { type: 'RecordResult', attemptId, result },
      id: `${attemptId}/result`,
    }),
  });
  return { outcalls, asked };
};
const attempt = { attemptId: 'a1', correlationId: 'c' };

test.each(['before', 'during', 'after'] as const)('a death %s the provider’s answer', async (dies) => {
  const first = startLife({ dies });
  first.outcalls.start(attempt);
  await until(() => (dies === 'before' ? first.outcalls.stats.calls : charges.length) === 1);
  if (dies === 'after') await until(() => first.asked.length === 1);
  const second = startLife();
  second.outcalls.start(attempt, true);
  await until(() => second.asked.length === 1 && second.outcalls.depth === 0);
  expect(charges).toEqual(['a1']);
  expect(questions).toEqual(['a1']);
  expect(second.asked[0]!.meta).toMatchObject({ id: 'a1/result', correlationId: 'c' });
});

test('a first call asks no question before it', async () => {
  const { outcalls, asked } = startLife();
  outcalls.start(attempt);
  await until(() => asked.length === 1);
  expect([charges, questions]).toEqual([['a1'], []]);
});

test('a call that broke off is asked about before it is made again', async () => {
  const { outcalls, asked } = startLife({
    call: async ({ attemptId }) => {
      charges.push(attemptId);
      throw new Error('broke off');
    },
  });
  outcalls.start(attempt);
  await until(() => asked.length === 1);
  expect([charges, questions]).toEqual([['a1'], ['a1']]);
});

test('while the provider cannot be asked nothing is charged', async () => {
  let away = 2;
  const { outcalls, asked } = startLife({
    ask: async () => {
      questions.push('a1');
      away -= 1;
      if (away >= 0) throw new Error('away');
      return undefined;
    },
  });
  outcalls.start(attempt, true);
  await until(() => questions.length === 2);
  expect(charges).toEqual([]);
  await until(() => asked.length === 1);
  expect(charges).toEqual(['a1']);
});

test('a result that nobody takes is brought again under its id, and not fetched again', async () => {
  let refusals = 2;
  const unavailable: Answer = { kind: 'unavailable', reason: 'overloaded', retryAfter: 1 };
  const { outcalls, asked } = startLife({ answer: () => (refusals-- > 0 ? unavailable : accepted()) });
  outcalls.start(attempt);
  await until(() => asked.length === 3);
  expect(asked.map(({ meta }) => [meta.id, meta.resumed])).toEqual([
    ['a1/result', false],
    ['a1/result', true],
    ['a1/result', true],
  ]);
  expect([charges, questions]).toEqual([['a1'], []]);
});

test('an attempt that is announced twice is made once', async () => {
  const { outcalls, asked } = startLife();
  outcalls.start(attempt);
  outcalls.start(attempt, true);
  await until(() => asked.length === 1 && outcalls.depth === 0);
  expect([charges, questions]).toEqual([['a1'], []]);
});

test('no more calls run at once than may, and none is lost', async () => {
  let running = 0;
  let most = 0;
  const call = async ({ attemptId }: Charge) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    charges.push(attemptId);
    return 'charged';
  };
  const { outcalls, asked } = startLife({ call, concurrency: 3 });
  for (let i = 0; i < 30; i += 1) outcalls.start({ ...attempt, attemptId: `a${i}` });
  await until(() => asked.length === 30);
  expect([most, new Set(charges).size]).toEqual([3, 30]);
});

test('after a stop nothing new begins, and what runs ends', async () => {
  const { outcalls, asked } = startLife({ concurrency: 1 });
  outcalls.start(attempt);
  outcalls.start({ ...attempt, attemptId: 'a2' });
  await outcalls.stop();
  outcalls.start({ ...attempt, attemptId: 'a3' });
  expect([charges, asked.length]).toEqual([['a1'], 1]);
});
