/** A product of a seller over HTTP, what is done to it, and how it is seen once that is visible. */
import { randomUUID } from 'node:crypto';
import type { operations } from '../../contracts/client.v1.d.ts';
import { TITLES } from './catalogue-file.ts';
import { by, seeing, taken, type Written } from './client.ts';
import type { Shop } from './shop.ts';

export const someSku = () => `P-${randomUUID().slice(0, 8)}`;

type NewProduct = operations['postProducts']['requestBody']['content']['application/json'];
type NewPrice = operations['patchProductsIdPrice']['requestBody']['content']['application/json'];
type Discount = operations['patchProductsIdDiscount']['requestBody']['content']['application/json'];

/** Makes products; `did` remembers a change, so that `seen` shows the product as it is after all that was done. */
export const maker =
  (shop: () => Shop) =>
  async (token: string, body: Partial<NewProduct> = {}) => {
    const seller = shop().client(token);
    const price = { amount: 12_900, currency: 'USD' };
    const made = await seller.POST('/api/v1/products', {
      body: { title: TITLES[0], ...(!body.variants && { price, sku: someSku() }), ...body },
    });
    const { product_id: id, variants } = taken(made);
    let last: Written = made;
    const did = async <D extends Written>(change: Promise<D>): Promise<D> => {
      const done = await change;
      if (done.response.headers.has('position')) last = done;
      return done;
    };
    const look = (as?: string) =>
      shop()
        .client(as)
        .GET('/api/v1/products/{id}', by(id, seeing(last)));
    return {
      id,
      seller,
      sku: variants[0]!.sku,
      did,
      publish: () => did(seller.POST('/api/v1/products/{id}/publish', by(id))),
      restore: () => did(seller.POST('/api/v1/products/{id}/restore', by(id))),
      price: (terms: NewPrice) => did(seller.PATCH('/api/v1/products/{id}/price', { ...by(id), body: terms })),
      discount: (terms: Discount) => did(seller.PATCH('/api/v1/products/{id}/discount', { ...by(id), body: terms })),
      look,
      seen: async (as?: string) => taken(await look(as)),
    };
  };
