/** What every payment provider must do with a payment, from the hold to the refund, also when its answers are lost. */
import { describe, expect, test } from '@jest/globals';
import type { GatewayCall } from '../../actors/ports/gateway.ts';
import type { GatewayResult } from '../../contracts/payments.ts';
import type { Kind, Kit } from './contract.kit.ts';
import { type Feature, fresh } from './harness.ts';
import type { Fault } from './wire.ts';

export const payments = ({ at, then, ask, authorise, held, taken, troubled }: Kit, has: readonly Feature[]): void => {
  const only = (feature: Feature, name: string, body: () => Promise<void>) => has.includes(feature) && test(name, body);

  describe('authorising', () => {
    test('holds exactly the amount, once under one key', async () => {
      const { call, reference } = await held();
      const again = await authorise(call);
      expect(await ask('authorise', call)).toMatchObject({ outcome: 'succeeded', reference, amount: call.amount });
      if (at().gateway.can.pays === 'token') expect(again).toMatchObject({ outcome: 'succeeded', reference });
    });

    only('tokens', 'a card that is declined says why, and nothing is held', async () => {
      for (const [token, code] of [[at().tokens.declined], [at().tokens.poor, 'insufficient_funds']] as const) {
        const call = fresh(at());
        const result = await authorise(call, token!);
        expect(result).toMatchObject({ outcome: 'failed', ...(code && { code }) });
        expect(await ask('authorise', call, result.reference)).toMatchObject({ outcome: 'failed' });
      }
    });

    only('cents only', 'an amount that cannot be charged exactly is refused, not rounded', async () => {
      const call = fresh(at(), { currency: 'KWD', amount: 12_345 });
      expect(await authorise(call)).toMatchObject({ outcome: 'failed', code: 'amount_not_supported' });
    });

    only('buyers', '3-D Secure, or the provider’s checkout, comes before it; saying no holds nothing', async () => {
      const token = at().gateway.can.pays === 'checkout' ? at().tokens.good : at().tokens.challenged!;
      const [approved, denied] = [fresh(at()), fresh(at())];
      const asked = await authorise(approved, token);
      expect(asked).toMatchObject({ outcome: 'requires-action', reference: expect.any(String) });
      expect(await ask('authorise', approved)).toEqual(asked);
      await at().act!(asked, 'yes');
      expect(await ask('authorise', approved, asked.reference)).toMatchObject({ outcome: 'succeeded' });
      const other = await authorise(denied, token);
      await at().act!(other, 'no');
      // In a checkout the buyer may try another card.
      const outcome = at().gateway.can.pays === 'checkout' ? 'requires-action' : 'failed';
      expect(await ask('authorise', denied, other.reference)).toMatchObject({ outcome });
    });
  });

  describe('capturing', () => {
    test('takes it once under one key, with its fee; another key takes nothing more', async () => {
      const { call, reference, fee } = await taken();
      expect(fee).toBeGreaterThan(0);
      const again = { ...then(call, 'capture'), reference };
      const same = { outcome: 'succeeded', amount: call.amount, fee };
      expect(await at().gateway.capture(again)).toMatchObject(same);
      expect(await ask('capture', again, reference)).toMatchObject(same);
      const cancelled = { ...then(call, 'cancel'), reference, authorisationKey: call.key };
      expect(await at().gateway.cancel(cancelled)).toMatchObject({ outcome: 'failed', code: 'already_captured' });
    });

    test('a part, where the provider can; where it cannot, it says so and takes nothing', async () => {
      const { call, reference } = await held();
      const part = { ...then(call, 'capture'), reference, amount: 5_000 };
      const result = await at().gateway.capture(part);
      if (at().gateway.can.captureParts) expect(result).toMatchObject({ outcome: 'succeeded', amount: 5_000 });
      else {
        expect(result.outcome).toBe('failed');
        expect(await ask('capture', part, reference)).toBeUndefined();
      }
    });

    test('never more than is held', async () => {
      const { call, reference } = await held();
      const more = { ...then(call, 'capture'), reference, amount: call.amount + 10 };
      expect(await at().gateway.capture(more)).toMatchObject({ outcome: 'failed' });
    });
  });

  describe('cancelling', () => {
    test('gives a hold back, once; it is never captured', async () => {
      const { call, reference } = await held();
      const cancel = { ...then(call, 'cancel'), reference, authorisationKey: call.key };
      expect(await ask('cancel', cancel, reference)).toBeUndefined();
      expect(await at().gateway.cancel(cancel)).toMatchObject({ outcome: 'succeeded' });
      expect(await at().gateway.cancel(cancel)).toMatchObject({ outcome: 'succeeded' });
      expect(await ask('cancel', cancel, reference)).toMatchObject({ outcome: 'succeeded' });
      if (at().gateway.can.cancel === 'lapses') return;
      expect(await at().gateway.capture({ ...then(call, 'capture'), reference })).toMatchObject({ outcome: 'failed' });
    });

    test('ends one that waits for the buyer, by the key alone; its end is told', async () => {
      const call = fresh(at());
      await authorise(call, at().tokens.challenged);
      const cancel = { ...then(call, 'cancel'), authorisationKey: call.key };
      expect(await at().gateway.cancel(cancel)).toMatchObject({ outcome: 'succeeded' });
      expect(await ask('authorise', call)).toMatchObject({ outcome: 'failed', code: 'cancelled' });
    });

    test('of what never arrived: there is nothing to give back', async () => {
      const call = fresh(at());
      const cancel = { ...then(call, 'cancel'), authorisationKey: call.key };
      expect(await at().gateway.cancel(cancel)).toMatchObject({ outcome: 'succeeded' });
    });
  });

  describe('refunding', () => {
    test('parts, each once under its key, until nothing is left', async () => {
      const { call, reference } = await taken();
      const part = { ...then(call, 'refund-1'), reference, amount: 4_000 };
      expect(await ask('refund', part, reference)).toBeUndefined();
      const first = await at().gateway.refund(part);
      expect(first).toMatchObject({ outcome: 'succeeded', amount: 4_000, currency: at().currency });
      expect(await at().gateway.refund(part)).toEqual(first);
      expect(await ask('refund', part, reference)).toEqual(first);
      const more = { ...then(call, 'refund-2'), reference, amount: call.amount };
      expect(await at().gateway.refund(more)).toMatchObject({ outcome: 'failed' });
      const rest = { ...then(call, 'refund-3'), reference, amount: call.amount - 4_000 };
      expect(await at().gateway.refund(rest)).toMatchObject({ outcome: 'succeeded', amount: call.amount - 4_000 });
    });

    test('not of what was never captured', async () => {
      const { call, reference } = await held();
      expect(await at().gateway.refund({ ...then(call, 'refund'), reference })).toMatchObject({ outcome: 'failed' });
    });
  });

  test('what another attempt of the payment came to is not taken for this one', async () => {
    const { call, reference } = await held();
    const second = { ...call, key: call.key.replace('authorise', '2nd-authorise') };
    expect(
      await at().gateway.find({ ...second, kind: 'authorise', reference, authorisationKey: second.key }),
    ).toBeUndefined();
  });

  test('what the provider never heard of is not there', async () => {
    for (const kind of ['authorise', 'capture', 'cancel', 'refund'] as const)
      expect(await ask(kind, fresh(at()))).toBeUndefined();
  });

  /** Every call, with what must have been before it. */
  const ACTS: Readonly<
    Record<Kind, (fault: Fault) => Promise<readonly [GatewayCall, string?, (() => Promise<GatewayResult>)?]>>
  > = {
    authorise: async () => [fresh(at())],
    capture: async () => {
      const { call, reference } = await held();
      const capture = { ...then(call, 'capture'), reference };
      return [capture, reference, () => at().gateway.capture(capture)];
    },
    cancel: async () => {
      const { call, reference } = await held();
      const cancel = { ...then(call, 'cancel'), reference, authorisationKey: call.key };
      return [cancel, reference, () => at().gateway.cancel(cancel)];
    },
    refund: async () => {
      const { call, reference } = await taken();
      const refund = { ...then(call, 'refund'), reference };
      return [refund, reference, () => at().gateway.refund(refund)];
    },
  };
  const KINDS = ['authorise', 'capture', 'cancel', 'refund'] as const;
  const LOST: readonly Fault[] = ['error after', 'cut after', 'hang after'];
  const NEVER: readonly Fault[] = ['error before', 'cut before', 'busy'];

  const lostAnswers = (kind: Kind) => {
    test.each([...LOST, ...NEVER])(
      '%s: who asks learns what happened, and repeats without a second effect',
      async (fault) => {
        const [call, reference, act = () => authorise(call)] = await ACTS[kind](fault);
        at().fail!(kind, fault);
        const { effect } = await troubled(act());
        expect(effect).toBe(fault === 'busy' ? 'nothing' : 'unknown');
        const seen = await ask(kind, call, reference);
        if (LOST.includes(fault)) expect(seen?.outcome).toMatch(/succeeded|requires-action/);
        else expect(seen).toBeUndefined();
        const end = seen ?? (await act());
        expect(end.outcome).toMatch(/succeeded|requires-action/);
        expect((await ask(kind, call, reference))?.outcome).toBe(end.outcome);
      },
    );
  };
  if (has.includes('faults')) describe.each(KINDS)('an answer to %s that is lost', lostAnswers);

  only('lost answers', 'a charge whose answer is lost is found by its key, and made once', async () => {
    const call = fresh(at());
    expect((await troubled(authorise(call, 'tok_timeout'))).effect).toBe('unknown');
    expect(await ask('authorise', call)).toMatchObject({ outcome: 'succeeded', amount: call.amount });
    const away = fresh(at());
    expect((await troubled(authorise(away, 'tok_outage'))).effect).toBe('nothing');
    expect(await ask('authorise', away)).toBeUndefined();
  });
};
