/** How imports are worked through. */
import { describe, expect, test } from '@jest/globals';
import type { Accepted } from '../../actors/import-rows.ts';
import type { Answer } from '../../actors/ports/commander.ts';
import type { OpenRow } from '../../actors/ports/imports.ts';
import type { Views } from '../../actors/ports/readers.ts';
import { until } from '../kit/until.ts';
import { type Asked, accepted, progress, row, setting } from './imports.setting.ts';

describe('rows', () => {
  test('of one product go one after the other, also from one chunk to the next; the first makes it', async () => {
    const all = Array.from({ length: 12 }, (_, n) => row(n + 1, n % 3 === 0 ? 'one' : `other-${n}`));
    let open = 0;
    const slowly = async ({ to }: Asked) => {
      if (to === 'product') open += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return accepted();
    };
    const { imports, asked, outcomes, ended } = setting({ a: all }, slowly, { chunk: 2 });
    imports.run(progress('a'));
    await ended(12);
    const ones = asked.filter(({ to, key }) => to === 'product' && key === asked[0]!.key).map(({ title }) => title);
    expect(ones).toEqual(['row 1', 'row 4', 'row 7', 'row 10']);
    expect(
      outcomes()
        .map((one, n) => (n % 3 === 0 ? one : ''))
        .filter(Boolean),
    ).toEqual(['created', 'updated', 'updated', 'updated']);
    expect(open).toBe(12);
  });

  test('keep their order when the look-up of a short chunk comes back before that of a long one', async () => {
    const [slow, looks] = [Promise.withResolvers<void>(), [] as number[]];
    const known = async (skus: readonly string[]) => {
      looks.push(skus.length);
      if (skus.length === 2) await slow.promise;
      return { bySku: new Map(), byId: new Map() };
    };
    const all = [row(1, 'one'), row(2, 'other'), row(3, 'one')];
    const { imports, asked, ended } = setting({ a: all }, () => accepted(), { chunk: 2, known });
    imports.run(progress('a'));
    await until(() => looks.length > 0);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    slow.resolve();
    await ended(3);
    const titles = asked.filter(({ to }) => to === 'product').map(({ title }) => title);
    expect(titles.filter((title) => title !== 'row 2')).toEqual(['row 1', 'row 3']);
  });

  test('behind one that breaks stay open until it has been taken: the last of the file is what counts', async () => {
    const faults = [new Error('connection lost')];
    const sent: string[] = [];
    const answer = async ({ to, title }: Asked) => {
      await new Promise((resolve) => setImmediate(resolve));
      const fault = title === 'row 1' && faults.shift();
      if (fault) throw fault;
      if (to === 'product') sent.push(title!);
      return accepted();
    };
    const all = [row(1, 'one'), row(2, 'other'), row(3, 'one')];
    const { imports, done, ended } = setting({ a: all }, answer, { chunk: 1 });
    imports.run(progress('a'));
    await until(() => imports.report().state === 'waiting');
    expect([...done.keys()]).toEqual(['a/2']);
    await imports.resume();
    await ended(3);
    expect(sent.filter((title) => title !== 'row 2')).toEqual(['row 1', 'row 3']);
  });

  test('that name a product by its SKU alone find the one that a row before them is about to make', async () => {
    const bare: OpenRow = { line: 3, input: { ...row(1, '').input, externalId: undefined, title: 'row 3' } };
    const { imports, asked, outcomes, ended } = setting({ a: [row(1, 'one'), row(2, 'other'), bare] }, undefined, {
      chunk: 1,
    });
    imports.run(progress('a'));
    await ended(3);
    const keys = asked.filter(({ to }) => to === 'product').map(({ key }) => key);
    expect(new Set(keys).size).toBe(2);
    expect(outcomes()).toEqual(['created', 'created', 'updated']);
  });

  test('that change nothing are unchanged; a stock that changes is a change', async () => {
    const { imports, outcomes, ended } = setting({ a: [row(1, 'x'), row(2, 'y')] }, ({ to, key }) =>
      accepted(to === 'inventory-item' && key === 'SKU-2'),
    );
    imports.run(progress('a'));
    await ended(2);
    expect(outcomes()).toEqual(['unchanged', 'updated']);
  });

  test('that are refused move no stock, and a fault is told by its id', async () => {
    const { imports, asked, done, outcomes, ended } = setting({ a: [row(1, 'x'), row(2, 'y')] }, ({ title }) =>
      title === 'row 1'
        ? { kind: 'rejected', rejection: { type: 'PriceMissing', sku: 'SKU-1' } }
        : { kind: 'faulted', errorId: 'e-7' },
    );
    imports.run(progress('a'));
    await ended(2);
    expect(outcomes()).toEqual(['price_missing', 'internal_error']);
    expect(done.get('a/2')!.errors![0]!.message).toContain('e-7');
    expect(asked.every(({ to }) => to === 'product')).toBe(true);
  });

  test('that nobody can take now are asked again, under the same id, as what may have been', async () => {
    let tries = 0;
    const { imports, asked, outcomes, ended } = setting({ a: [row(1, 'x')] }, () => {
      tries += 1;
      return tries <= 2 ? { kind: 'unavailable', reason: 'overloaded', retryAfter: 0 } : accepted();
    });
    imports.run(progress('a'));
    await ended(1);
    expect(asked.slice(0, 3).map(({ meta }) => [meta.id, meta.resumed])).toEqual(Array(3).fill(['a/1', true]));
    expect(outcomes()).toEqual(['created']);
  });

  test('that an earlier life has sent are told from what their products remember', async () => {
    const repeated: Answer = { kind: 'accepted', version: 2, positions: {}, repeated: true };
    const remembered = async () =>
      new Map([
        ['a/1', 'created' as const],
        ['a/2', 'updated' as const],
      ]);
    const { imports, outcomes, ended } = setting({ a: [1, 2, 3].map((n) => row(n, `x${n}`)) }, () => repeated, {
      outcomes: remembered,
    });
    imports.run(progress('a'));
    await ended(3);
    expect(outcomes()).toEqual(['created', 'updated', 'unchanged']);
  });
});

describe('an import', () => {
  test('that fails is taken up again where it was, and only what is open is sent again', async () => {
    const { imports, asked, done, faults, ended } = setting(
      { a: Array.from({ length: 6 }, (_, n) => row(n + 1, `p${n}`)) },
      () => accepted(),
      { chunk: 2 },
    );
    faults.push(new Error('no database'));
    imports.run(progress('a'));
    await until(() => imports.report().state === 'waiting');
    expect([imports.report().lastError, done.size < 6]).toEqual(['no database', true]);
    const open = 6 - done.size;
    const before = asked.length;
    expect(await imports.resume()).toBe(1);
    await ended(6);
    expect(asked.length - before).toBe(2 * open);
    expect(imports.report().lastError).toBeUndefined();
  });

  test('that is stopped leaves the rest open', async () => {
    const away: Answer = { kind: 'unavailable', reason: 'stopping', retryAfter: 0 };
    const { imports, asked, done } = setting({ a: [row(1, 'x'), row(2, 'y')] }, () => away);
    imports.run(progress('a'));
    await until(() => asked.length > 0);
    await imports.stop();
    expect(done.size).toBe(0);
    imports.run(progress('a'));
    expect(imports.report().state).toBe('waiting');
  });

  test('waits for others when there are many, and is run once, however often it is asked for', async () => {
    const gate = Promise.withResolvers<Answer>();
    const { imports, asked, ended } = setting(
      { a: [row(1, 'x')], b: [row(1, 'y')], c: [row(1, 'z')] },
      () => gate.promise,
      { atOnce: 2 },
    );
    for (const id of ['a', 'b', 'c', 'a', 'c']) imports.run(progress(id));
    await until(() => asked.length === 2);
    expect(imports.report()).toMatchObject({ state: 'busy', inbox: 1, detail: { running: ['a', 'b'] } });
    gate.resolve(accepted());
    await ended(3);
    expect(asked.filter(({ to }) => to === 'product')).toHaveLength(3);
  });

  test('waits while the views are far behind it, and loses nothing by it', async () => {
    const all = Array.from({ length: 40 }, (_, n) => row(n + 1, `product-${n}`));
    const [waits, seen] = [[] as (number | undefined)[], Promise.withResolvers<boolean>()];
    const views: Views = {
      reached: ({ products }) => {
        waits.push(products);
        return seen.promise;
      },
    };
    let written = 0;
    const answer = ({ to }: Asked): Answer => {
      if (to === 'product') written += 1;
      return { ...(accepted() as Accepted), positions: { products: written } };
    };
    const { imports, ended } = setting({ a: all }, answer, { chunk: 1, views });
    imports.run(progress('a'));
    await until(() => waits.length > 0);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(waits.length).toBe(1);
    // Ten chunks that nobody has seen, and those that are under way.
    expect(written).toBeLessThanOrEqual(14);
    seen.resolve(true);
    await ended(40);
    expect(waits).toEqual([...waits].sort((a, b) => a! - b!));
    expect(written).toBe(40);
  });

  test('goes on, though more slowly, when the views stand still', async () => {
    const all = Array.from({ length: 40 }, (_, n) => row(n + 1, `product-${n}`));
    const { imports, outcomes, ended } = setting({ a: all }, undefined, {
      chunk: 1,
      views: { reached: async () => false },
    });
    imports.run(progress('a'));
    await ended(40);
    expect(new Set(outcomes())).toEqual(new Set(['created']));
  });
});
