/** What Razorpay keeps, and how it refuses. */
import { idOf } from './mailbag.ts';
import type { Wired } from './stripe.rules.ts';

export class BadRequest extends Error {
  readonly error: Wired;

  constructor(description: string, reason = 'input_validation_failed') {
    super(description);
    this.error = { code: 'BAD_REQUEST_ERROR', description, source: 'business', step: 'NA', reason, metadata: {} };
  }
}
export const seconds = (): number => Math.floor(Date.now() / 1000);
export type Handler = (body: Wired, query: URLSearchParams, ids: readonly string[]) => unknown;

/** In the order they were made. */
export const listed = (items: readonly Wired[], query: URLSearchParams) => {
  const [skip, count] = [Number(query.get('skip') ?? 0), Number(query.get('count') ?? 10)];
  const found = items.slice(skip, skip + count);
  return { entity: 'collection', count: found.length, items: found };
};

/** What there is, by its name. */
export const thingsOf = () => {
  const things = new Map<string, Wired>();
  let n = 0;
  return {
    next: () => ++n,
    add: (prefix: string, entity: string, fields: Wired): Wired => {
      const made = { id: idOf(prefix, ++n), entity, created_at: seconds(), ...fields };
      things.set(made.id, made);
      return made;
    },
    all: (entity: string): Wired[] => [...things.values()].filter((one) => one.entity === entity),
    get: (entity: string, id: string): Wired => {
      const found = things.get(id);
      if (found?.entity !== entity) throw new BadRequest('The id provided does not exist');
      return found;
    },
  };
};

export const amountIn = (value: unknown): number => {
  if (!Number.isInteger(value) || Number(value) < 100)
    throw new BadRequest('Order amount less than minimum amount allowed');
  return Number(value);
};
