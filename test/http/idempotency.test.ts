import { afterAll, describe, expect, test } from '@jest/globals';
import type { Answer } from '../../actors/ports/commander.ts';
import { accepted, send } from '../kit/edge.ts';
import { openThings } from './things.ts';

const { things, edge, customer, post } = await openThings();
afterAll(() => edge.close());

describe('idempotency', () => {
  test('an unsafe route needs a key that is one', async () => {
    const missing = await post({ name: 'x' }, { key: undefined });
    const long = await post({ name: 'x' }, { key: 'x'.repeat(256) });
    expect([missing.json.code, long.json.code]).toEqual(['idempotency_key_missing', 'idempotency_key_invalid']);
  });
  test('the command id is that of caller, route, parameters and key; the fingerprint that of the content', async () => {
    things.asked.length = 0;
    const other = await edge.tokenFor('u2', 'customer');
    await post({ name: 'x', size: 1 }, { key: 'same' });
    await post({ size: 1, name: 'x' }, { key: '"same"' });
    await post({ name: 'y' }, { key: 'same' });
    await post({ name: 'x', size: 1 }, { key: 'same', as: other });
    await send(edge, 'POST', '/things/b', { as: customer, key: 'same', body: { name: 'x' } });
    const ids = things.asked.map((one) => one.meta.id);
    expect(ids[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect([ids[1], ids[2]]).toEqual([ids[0], ids[0]]);
    expect(new Set(ids).size).toBe(3);
    const prints = things.asked.map((one) => one.meta.fingerprint);
    expect(prints[1]).toBe(prints[0]);
    expect(prints[2]).not.toBe(prints[0]);
    expect(things.asked[0]!.meta).toMatchObject({ principal: 'u1', timeout: 5_000 });
  });
  test('while the first one runs the second is told so', async () => {
    let finish: (answer: Answer) => void = () => undefined;
    things.answer(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const before = things.asked.length;
    const first = post({ name: 'x' }, { key: 'slow' });
    while (things.asked.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await post({ name: 'x' }, { key: 'slow' });
    finish(accepted({ repeated: true, positions: { things: 7 } }));
    things.answer(() => accepted());
    const { status, headers } = await first;
    expect([second.status, second.json.code]).toEqual([409, 'request_in_progress']);
    expect([status, headers.get('position'), headers.get('idempotent-replayed')]).toEqual([201, 'things=7', 'true']);
  });
  test('Prefer: wait is not part of the fingerprint', async () => {
    things.asked.length = 0;
    await post({ name: 'x' }, { key: 'w', headers: { prefer: 'respond-async, wait=5' } });
    await post({ name: 'x' }, { key: 'w', headers: { prefer: 'wait=500' } });
    await post({ name: 'x' }, { key: 'w' });
    expect(things.waits.slice(-3)).toEqual([5, 30, 0]);
    expect(new Set(things.asked.map((one) => one.meta.fingerprint)).size).toBe(1);
  });
});

describe('answers of the engine', () => {
  const answered = async (answer: Answer) => {
    things.answer(() => answer);
    const { status, json, headers } = await post({ name: 'x' });
    things.answer(() => accepted());
    return { status, code: json.code, json, retry: headers.get('retry-after') };
  };
  test('a refusal by rule keeps its facts', async () => {
    const rejection = { type: 'OutOfStock', sku: 'A', requested: 2, available: 1 };
    const { status, code, json } = await answered({ kind: 'rejected', rejection });
    expect([status, code, json.details]).toEqual([409, 'out_of_stock', { sku: 'A', requested: 2, available: 1 }]);
  });
  test('a reused key is 422, a fault 500 with its id, what is unavailable 503 with Retry-After', async () => {
    expect(await answered({ kind: 'reused' })).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    const fault = await answered({ kind: 'faulted', errorId: 'e1' });
    expect([fault.status, fault.json.error_id]).toEqual([500, 'e1']);
    for (const reason of ['overloaded', 'expired', 'database'] as const)
      expect(await answered({ kind: 'unavailable', reason, retryAfter: 0.2 })).toMatchObject({
        status: 503,
        retry: '1',
      });
  });
});
