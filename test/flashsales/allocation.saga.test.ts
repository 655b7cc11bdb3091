import { describe, expect, test } from '@jest/globals';
import type { FlashSaleEvent } from '../../contracts/flashsales.ts';
import { type AllocationInput, allocation } from '../../domains/flashsales/allocation.saga.ts';
import { givenSaga } from '../kit/given.ts';

const noon = '2026-03-01T12:00:00.000Z';
const saga = allocation('s1');
const about = { saleId: 's1', sku: 'LAMP', at: noon };
const fact = (fact: FlashSaleEvent): AllocationInput => ({ type: 'Fact', fact });
const scheduled = fact({
  type: 'FlashSaleScheduled',
  ...about,
  sellerId: 'x',
  productId: 'p',
  variantId: 'v',
  prices: [{ currency: 'USD', sale: 1, original: 2 }],
  startsAt: noon,
  endsAt: noon,
  allocation: 5,
  maxPerBuyer: 1,
  by: 'x',
});
const ended = fact({ type: 'FlashSaleEnded', ...about, allocation: 5, sold: 3, unsold: 2 });
const accepted = (step: string): AllocationInput => ({ type: 'Accepted', step });

describe('the stock of a flash sale', () => {
  test('is set aside when the sale is scheduled, then granted', () => {
    givenSaga(saga, noon)
      .when(scheduled)
      .thenSends('allocate')
      .thenCommand('allocate', { type: 'AllocateStock', allocationId: 's1', quantity: 5 } as never)
      .when(accepted('allocate'))
      .thenSends('grant')
      .when(accepted('grant'))
      .thenStage('open');
  });
  test('that is not there refuses the sale, and that is the end', () => {
    givenSaga(saga, noon, scheduled)
      .when({ type: 'Rejected', step: 'allocate', rejection: { type: 'OutOfStock', available: 2 } as never })
      .thenSends('refuse')
      .thenCommand('refuse', { type: 'RefuseAllocation', available: 2 } as never)
      .when(accepted('refuse'))
      .thenStage('done');
  });
  test('is settled when the sale has ended', () => {
    givenSaga(saga, noon, scheduled, accepted('allocate'), accepted('grant'))
      .when(ended)
      .thenSends('settle-stock')
      .thenCommand('settle-stock', { type: 'SettleAllocation', allocationId: 's1', sold: 3 } as never)
      .when(accepted('settle-stock'))
      .thenSends('settle')
      .when(accepted('settle'))
      .thenStage('done');
  });
  test('is settled too when the end is heard before the grant is answered', () => {
    givenSaga(saga, noon, scheduled, accepted('allocate')).when(ended).thenSends('settle-stock');
  });
  test('late and repeated facts and answers mean nothing', () => {
    const open = givenSaga(saga, noon, scheduled, accepted('allocate'), accepted('grant'));
    open.when(scheduled).thenNothing();
    open.when(accepted('allocate')).thenNothing();
    givenSaga(saga, noon).when(ended).thenNothing();
  });
  test('a refusal that nobody can have meant is a fault', () => {
    const rejection = { type: 'UnknownAllocation' };
    const state = givenSaga(saga, noon, scheduled, accepted('allocate'), accepted('grant'), ended).state;
    expect(() => saga.step(state, { type: 'Rejected', step: 'settle-stock', rejection }, noon)).toThrow('settling');
  });
});
