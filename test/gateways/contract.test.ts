/** One contract, three gateways; and Stripe's test mode, with a key. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { desks } from './contract.desks.ts';
import { kitOf } from './contract.kit.ts';
import { payments } from './contract.payments.ts';
import { type Feature, HARNESSES, type Harness, REAL } from './harness.ts';

const contract = (open: () => Promise<Harness>, has: readonly Feature[]): void => {
  let at: Harness;
  beforeAll(async () => {
    at = await open();
  });
  afterAll(() => at?.close());
  const kit = kitOf(() => at);
  payments(kit, has);
  desks(kit, has);
};

describe.each(Object.entries(HARNESSES))('%s', (_, { open, has }) => contract(open, has));

if (REAL.isThere) describe('Stripe’s test mode', () => contract(REAL.open, REAL.has));
else
  describe.skip('Stripe’s test mode: skipped, for it needs STRIPE_SECRET_KEY=sk_test_...', () =>
    contract(REAL.open, REAL.has));
