/** Parts of a file are stored one after the other, each while the next is read, and none is left behind. */
import { expect, test } from '@jest/globals';
import { handOver } from '../../adapters/http/import.read.ts';
import { from1 } from '../kit/bench.ts';

/** What was read and stored, in the order in which it happened. */
const scene = () => {
  const told: string[] = [];
  async function* parts(count: number, breaksOff?: Error) {
    for (const n of from1(count)) {
      told.push(`read ${n}`);
      yield n;
    }
    if (breaksOff) throw breaksOff;
  }
  const store = (failsAt?: number) => async (n: number) => {
    told.push(`storing ${n}`);
    await new Promise((resolve) => setImmediate(resolve));
    if (n === failsAt) throw new Error(`${n} cannot be stored`);
    told.push(`stored ${n}`);
  };
  return { told, parts, store };
};

test('one is stored while the next is read, and never two at once', async () => {
  const { told, parts, store } = scene();
  await handOver(parts(3), store());
  expect(told).toEqual([
    'read 1',
    'storing 1',
    'read 2',
    'stored 1',
    'storing 2',
    'read 3',
    'stored 2',
    'storing 3',
    'stored 3',
  ]);
});

test('a file that breaks off is told so when what was read of it is stored', async () => {
  const { told, parts, store } = scene();
  await expect(handOver(parts(2, new Error('cut short')), store())).rejects.toThrow('cut short');
  expect(told.at(-1)).toBe('stored 2');
});

test.each([1, 2, 3])('what cannot be stored ends it, and nothing is stored after it: part %i of 3', async (failsAt) => {
  const { told, parts, store } = scene();
  await expect(handOver(parts(3), store(failsAt))).rejects.toThrow(`${failsAt} cannot be stored`);
  expect(told.filter((one) => one.startsWith('storing')).at(-1)).toBe(`storing ${failsAt}`);
});

test('where reading and storing fail at once, storing is what is told: what was read may be sent again', async () => {
  const { parts, store } = scene();
  await expect(handOver(parts(2, new Error('cut short')), store(2))).rejects.toThrow('2 cannot be stored');
});

test('nothing is nothing', async () => {
  const { told, parts, store } = scene();
  await handOver(parts(0), store());
  expect(told).toEqual([]);
});
