import { expect, test } from '@jest/globals';
import { Checkouts } from '../../actors/checkouts.ts';
import type { CheckoutRow } from '../../actors/ports/readers.ts';

type Parts = ConstructorParameters<typeof Checkouts<CheckoutRow, never>>;
const row = (status: CheckoutRow['status'], version: number) =>
  ({ checkoutId: 'chk-1', status, version }) as CheckoutRow;

/** A flow whose states are told by hand. */
const flow = (first: CheckoutRow) => {
  let tell: (state: CheckoutRow) => void = () => undefined;
  const region = { see: async () => first };
  const supervisor = {
    watch: (_: string, watcher: typeof tell) => {
      tell = watcher;
      return () => undefined;
    },
  };
  const checkouts = new Checkouts(region as unknown as Parts[0], supervisor as unknown as Parts[1], (state) => state);
  return { checkouts, tell: (state: CheckoutRow) => tell(state) };
};

const statusesWhile = async (first: CheckoutRow, later: CheckoutRow) => {
  const { checkouts, tell } = flow(first);
  const seen: string[] = [];
  for await (const { status } of checkouts.watch('chk-1', -1, AbortSignal.timeout(5_000))) {
    seen.push(status);
    if (seen.length === 1) tell(later);
  }
  return seen;
};

test('the end is told to who was busy with the state before when it came', async () => {
  expect(await statusesWhile(row('settling', 3), row('completed', 4))).toEqual(['settling', 'completed']);
});

test('what is over already is told once, and that is all', async () => {
  expect(await statusesWhile(row('completed', 4), row('completed', 4))).toEqual(['completed']);
});
