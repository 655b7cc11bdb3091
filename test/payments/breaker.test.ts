import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Gateways } from '../../actors/gateways.ts';
import { type Gateway, GatewayTrouble } from '../../actors/ports/gateway.ts';
import { Registry } from '../../actors/registry.ts';
import { admit, type Breaker, closed, ended, isThere, PLAN, restOf } from '../../domains/payments/breaker.ts';

const fail = (breaker: Breaker, times: number, now = 0): Breaker =>
  Array.from({ length: times }).reduce<Breaker>((state) => ended(state, 'wrong', now), breaker);

describe('a breaker', () => {
  test('opens at the tenth failure, not before', () => {
    expect(fail(closed(0), PLAN.failures - 1)).toMatchObject({ status: 'closed' });
    expect(fail(closed(0), PLAN.failures)).toMatchObject({ status: 'open', until: PLAN.firstRest });
  });

  test('stays closed while more calls go well than wrong', () => {
    let state = closed(0);
    for (let i = 0; i < 100; i += 1) state = ended(ended(ended(state, 'well', i), 'well', i), 'wrong', i);
    expect(state.status).toBe('closed');
  });

  test('counts anew after its window', () => {
    const nearly = fail(closed(0), PLAN.failures - 1);
    expect(ended(admit(nearly, PLAN.window + 1)!, 'wrong', PLAN.window + 1)).toMatchObject({
      status: 'closed',
      failures: 1,
    });
  });

  test('lets nothing through while it rests, then one probe at a time', () => {
    const open = fail(closed(0), PLAN.failures);
    expect(admit(open, PLAN.firstRest - 1)).toBeUndefined();
    expect([isThere(open, PLAN.firstRest - 1), restOf(open, PLAN.firstRest - 1)]).toEqual([false, 1]);
    const probing = admit(open, PLAN.firstRest)!;
    expect(probing.status).toBe('probing');
    expect(admit(probing, PLAN.firstRest + 1)).toBeUndefined();
    expect(admit(probing, PLAN.firstRest + PLAN.patience)).toMatchObject({ status: 'probing' });
  });

  test('closes when the probe goes well, rests twice as long when it does not, and never longer than a minute', () => {
    let state: Breaker = fail(closed(0), PLAN.failures);
    expect(ended(admit(state, PLAN.firstRest)!, 'well', PLAN.firstRest)).toMatchObject({
      status: 'closed',
      failures: 0,
    });
    for (let i = 0; i < 10; i += 1) {
      const now = (state as { until: number }).until;
      const rest = (state as { rest: number }).rest;
      state = ended(admit(state, now)!, 'wrong', now);
      expect(state).toMatchObject({ status: 'open', rest: Math.min(rest * 2, PLAN.lastRest) });
    }
  });

  test('whatever happens, it lets calls through again within a minute of silence', () => {
    const step = fc.record({
      went: fc.constantFrom('well' as const, 'wrong' as const),
      wait: fc.integer({ min: 0, max: 90_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let [state, now]: [Breaker, number] = [closed(0), 0];
        for (const { went, wait } of steps) {
          now += wait;
          const admitted = admit(state, now);
          if (admitted) state = ended(admitted, went, now);
        }
        expect(admit(state, now + PLAN.lastRest)).toBeDefined();
      }),
    );
  });
});

describe('a gateway behind it', () => {
  const setting = () => {
    let now = 0;
    let answer: () => Promise<unknown> = async () => ({ outcome: 'failed', code: 'card_declined', message: 'no' });
    const calls: string[] = [];
    const call = (name: string) => async () => {
      calls.push(name);
      return answer();
    };
    const gateway = {
      name: 'one',
      can: { captureParts: true, cancel: 'voids', pays: 'token' },
      ...Object.fromEntries(['authorise', 'capture', 'cancel', 'refund', 'find'].map((name) => [name, call(name)])),
      transfers: { transfer: call('transfer') },
    } as unknown as Gateway;
    const registry = new Registry();
    const gateways = new Gateways([gateway], {
      routes: [{ gateways: ['one'] }],
      usual: 'one',
      registry,
      now: () => now,
    });
    return {
      gateways,
      calls,
      report: () => registry.reports()[0]!,
      pass: (ms: number) => {
        now += ms;
      },
      answers: (by: () => Promise<unknown>) => {
        answer = by;
      },
    };
  };
  const away = (why: 'away' | 'busy' | 'refused') => async () => {
    throw new GatewayTrouble('no', { effect: 'unknown', why });
  };
  const capture = (gateways: Gateways) => gateways.of(undefined).capture({} as never);
  const tryOften = async (gateways: Gateways, times: number) => {
    for (let i = 0; i < times; i += 1) await capture(gateways).catch(() => undefined);
  };

  test('is left alone after ten calls without an answer: callers learn at once that nothing happened', async () => {
    const { gateways, calls, answers, report } = setting();
    answers(away('away'));
    await tryOften(gateways, 10);
    await expect(capture(gateways)).rejects.toMatchObject({
      effect: 'nothing',
      why: 'away',
      retryAfter: PLAN.firstRest,
    });
    await expect(gateways.of('one').transfers!.transfer({} as never)).rejects.toMatchObject({ effect: 'nothing' });
    expect(calls).toHaveLength(10);
    expect(report()).toMatchObject({ kind: 'gateway', state: 'open', detail: { open: 1, shed: 2, opened: 1 } });
    expect(gateways.choose({ currency: 'USD' })).toEqual({ refused: 'away', gateways: ['one'], retryAfter: 5 });
  });

  test.each(['busy', 'refused'] as const)('one that is %s is there', async (why) => {
    const { gateways, answers, report } = setting();
    answers(away(why));
    await tryOften(gateways, 50);
    expect(report().state).toBe('closed');
  });

  test('declines are answers', async () => {
    const { gateways, report } = setting();
    for (let i = 0; i < 50; i += 1) await gateways.of('one').authorise({} as never);
    expect(report()).toMatchObject({ state: 'closed', detail: { declined: 50, authorised: 0 } });
  });

  test('is tried again by one call after its rest, and back when that is answered', async () => {
    const { gateways, answers, pass, calls, report } = setting();
    answers(away('away'));
    await tryOften(gateways, 10);
    pass(PLAN.firstRest);
    answers(async () => ({ outcome: 'succeeded' }));
    const [probe, other] = [capture(gateways), capture(gateways)];
    await expect(other).rejects.toMatchObject({ effect: 'nothing' });
    await probe;
    expect([calls.length, report().state]).toEqual([11, 'closed']);
  });

  test('a payment whose gateway is not installed any more waits for it', () => {
    const { gateways } = setting();
    expect(() => gateways.of('gone')).toThrow(GatewayTrouble);
    expect(gateways.choose({ currency: 'USD', gateway: 'gone' })).toMatchObject({ refused: 'nobody' });
  });
});
