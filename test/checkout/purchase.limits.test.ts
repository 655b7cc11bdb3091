/** A purchase of products that nobody may have many of. */
import { describe, test } from '@jest/globals';
import type { PurchaseInput } from '../../domains/checkout/purchase.saga.ts';
import { basketOf, catalogue, product } from './baskets.ts';
import { deadline, fact, holdUntil, late, no, ok, told, two } from './purchase.inputs.ts';

const rows = [product(1, { maxPerUser: 4 }), ...catalogue.slice(1)];
const started: PurchaseInput = {
  type: 'Started',
  start: { basket: basketOf('c1', two, {}, rows), deadline, holdUntil },
};
const reserved = [started, ok('reserve/SKU-1'), ok('reserve/SKU-2')];
const created = [...reserved, ok('claim-units'), ok('create/c1/1'), ok('create/c1/2')];

describe('a limited product', () => {
  test('is claimed of the buyer once the stock is held, and then the orders are created', () => {
    const units = [{ orderId: 'c1/2', productId: 'P-1', quantity: 3, most: 4 }];
    told(...reserved.slice(0, -1))
      .when(ok('reserve/SKU-2'))
      .thenSends('claim-units')
      .thenCommand('claim-units', { type: 'ClaimUnits', units })
      .when(ok('claim-units'))
      .thenSends('create/c1/1', 'create/c1/2');
  });

  test('of which the buyer has too many turns back: the stock goes free, and no late repeat of the claim is granted', () => {
    told(...reserved)
      .when(no('claim-units', 'LimitExceeded', { productId: 'P-1', most: 4, held: 2, requested: 3 }))
      .thenSends('release-units', 'release/SKU-2', 'release/SKU-1')
      .thenCommand('release-units', { type: 'ReleaseUnits', orderIds: ['c1/2'] })
      .when(ok('release-units'))
      .when(ok('release/SKU-2'))
      .when(ok('release/SKU-1'))
      .thenStage('aborted')
      .thenAnnounces({ type: 'CheckoutAborted', reason: 'LimitExceeded' });
  });

  test('is not claimed, and not released, when there is no stock for it', () => {
    told(started, ok('reserve/SKU-1')).when(no('reserve/SKU-2', 'OutOfStock')).thenSends('release/SKU-1');
  });

  test('whose claim was overtaken by its release sends the purchase back through the payment', () => {
    told(...reserved)
      .when(no('claim-units', 'AllowanceClosed'))
      .thenSends('cancel-payment');
  });

  test('is given back when the payment fails', () => {
    told(...created, fact('failed'), ok('cancel-payment'), ok('cancel-order/c1/2'))
      .when(ok('cancel-order/c1/1'))
      .thenSends('release-units', 'release/SKU-2', 'release/SKU-1');
  });

  test('is given back when the buyer takes too long', () => {
    told(...created, ok('authorise', { status: 'processing' }))
      .at(deadline)
      .when(late)
      .when(ok('stop-payment'))
      .when(ok('cancel-payment'))
      .when(ok('cancel-order/c1/2'))
      .when(ok('cancel-order/c1/1'))
      .thenSends('release-units', 'release/SKU-2', 'release/SKU-1');
  });
});
