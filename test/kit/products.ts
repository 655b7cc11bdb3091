/** A product of the demo seller over HTTP, and what is done to it. */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { TITLES } from './catalogue-file.ts';
import type { Received } from './http.ts';
import type { Shop } from './shop.ts';

export const someSku = () => `P-${randomUUID().slice(0, 8)}`;

/** Makes products; `act` changes one, `seen` shows it once all that was done is visible. */
export const maker =
  (shop: () => Shop) =>
  async (seller: string, body: object = {}) => {
    const price = { amount: 12_900, currency: 'USD' };
    const made = await shop().call('POST', '/products', {
      as: seller,
      body: { title: TITLES[0], price, sku: someSku(), ...body },
    });
    expect([made.status, made.json.code]).toEqual([201, undefined]);
    const id = made.json.data.product_id as string;
    const act = async (method: string, path: string, sent?: object, key?: string): Promise<Received> => {
      const done = await shop().call(method, `/products/${id}${path}`, { as: seller, body: sent, key });
      last = done.headers.get('position') ?? last;
      return done;
    };
    let last = made.headers.get('position') ?? '';
    const seen = async (as?: string) => shop().get(`/products/${id}`, as, { position: last });
    return { id, made, act, seen, sku: made.json.data.variants[0].sku as string };
  };
