/** A purchase that comes from a cart. */
import { describe, test } from '@jest/globals';
import type { PurchaseInput } from '../../domains/checkout/purchase.saga.ts';
import { basketOf } from './baskets.ts';
import { capturing, deadline, fact, holdUntil, no, ok, settled, told, two } from './purchase.inputs.ts';

const cartId = 'cart-buyer';
const startedFrom = (orderType: 'prepaid' | 'cash-on-delivery' = 'prepaid'): PurchaseInput => ({
  type: 'Started',
  start: { basket: basketOf('c1', two, { cartId, orderType }), deadline, holdUntil },
});
const frozen = [startedFrom(), ok('freeze-cart')];
/** As of a purchase without a cart, from there on. */
const after = (inputs: readonly PurchaseInput[]) => [...frozen, ...inputs.slice(1)];
const paid = after([...capturing, ok('capture', { status: 'capturing' }), fact('captured')]);

describe('what comes from a cart', () => {
  test('freezes it before anything is held, with what the basket was made of', () => {
    const units = [
      { sku: 'SKU-1', quantity: 3 },
      { sku: 'SKU-2', quantity: 1 },
    ];
    told()
      .when(startedFrom())
      .thenSends('freeze-cart')
      .thenCommand('freeze-cart', { type: 'FreezeCart', checkoutId: 'c1', units })
      .when(ok('freeze-cart'))
      .thenSends('reserve/SKU-1');
  });

  test.each(['CartChanged', 'CartInCheckout'])('%s: nothing was held, and no late repeat freezes it', (why) => {
    told(startedFrom())
      .when(no('freeze-cart', why))
      .thenSends('thaw-cart')
      .thenCommand('thaw-cart', { type: 'ThawCart', checkoutId: 'c1', reason: why })
      .when(ok('thaw-cart'))
      .thenStage('aborted')
      .thenAnnounces({ type: 'CheckoutAborted', reason: why });
  });

  test('which is out of stock leaves it as it was', () => {
    told(...frozen, ok('reserve/SKU-1'))
      .when(no('reserve/SKU-2', 'OutOfStock'))
      .thenSends('release/SKU-1', 'thaw-cart');
  });

  test('whose end overtook its beginning goes back through the payment', () => {
    told(startedFrom()).when(no('freeze-cart', 'CartCheckoutClosed')).thenSends('cancel-payment');
  });

  test('leaves it when it is paid, and is completed only then', () => {
    told(...paid, ...settled.slice(0, -1))
      .when(settled.at(-1)!)
      .thenStage('settling')
      .thenSends('check-out-cart')
      .thenCommand('check-out-cart', { type: 'CheckOutCart', checkoutId: 'c1' })
      .when(ok('check-out-cart'))
      .thenStage('completed');
  });

  test('leaves it also when it is paid at the door', () => {
    const reserved = [startedFrom('cash-on-delivery'), ok('freeze-cart'), ok('reserve/SKU-1'), ok('reserve/SKU-2')];
    told(...reserved, ok('create/c1/1'), ok('create/c1/2'), ok('confirm-order/c1/1'))
      .when(ok('confirm-order/c1/2'))
      .thenSends('confirm-stock/SKU-1', 'confirm-stock/SKU-2')
      .when(ok('confirm-stock/SKU-1'))
      .when(ok('confirm-stock/SKU-2'))
      .thenSends('check-out-cart');
  });

  test('is there again when the payment fails', () => {
    const created = [ok('reserve/SKU-1'), ok('reserve/SKU-2'), ok('create/c1/1'), ok('create/c1/2')];
    told(...frozen, ...created, fact('failed'), ok('cancel-payment'), ok('cancel-order/c1/2'))
      .when(ok('cancel-order/c1/1'))
      .thenSends('release/SKU-2', 'release/SKU-1', 'thaw-cart');
  });

  test('is still there when the sale is lost and given back after all', () => {
    told(...paid, no('confirm-stock/SKU-1', 'ReservationClosed'), ...settled.slice(1, -1))
      .when(settled.at(-1)!)
      .thenSends('refund')
      .when(ok('refund'))
      .thenSends('return/SKU-2', 'thaw-cart');
  });
});
