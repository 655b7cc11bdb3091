import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocate } from '../../domains/kernel/money.ts';
import {
  balancesOf,
  commissionOf,
  freeze,
  ledgerEntryOf,
  postingsForCapture,
  postingsForRefund,
  type Share,
} from '../../domains/payments/ledger.ts';

const shares = [
  freeze({ orderId: 'o1', sellerId: 's1', amount: 1_005 }),
  freeze({ orderId: 'o2', sellerId: 's2', amount: 99 }),
];

describe('the books', () => {
  test('of a capture: sellers, commission and fee, exact to the minor unit', () =>
    expect(Object.fromEntries(balancesOf(postingsForCapture(shares, 'USD', 62)))).toEqual({
      gateway: 1_104 - 62,
      'gateway-fees': 62,
      'customer-clearing': 0,
      'seller-payable/s1': -904,
      'seller-payable/s2': -89,
      'platform-revenue': -111,
    }));

  test('of a capture without commission or fee: no empty postings', () =>
    expect(postingsForCapture([freeze(shares[0]!, 0)], 'JPY')).toEqual([
      { debit: 'gateway', credit: 'customer-clearing', amount: 1_005, currency: 'JPY' },
      { debit: 'customer-clearing', credit: 'seller-payable/s1', amount: 1_005, currency: 'JPY', orderId: 'o1' },
    ]));

  test('of a full refund: everything back but the fee', () => {
    const captured = postingsForCapture(shares, 'USD', 62);
    const known = shares.map((share) => ({ ...share, refunded: 0, lost: 0 }));
    const balances = balancesOf([...captured, ...postingsForRefund(known, shares, 'USD', 5)]);
    expect(Object.fromEntries(balances)).toEqual({
      gateway: -67,
      'gateway-fees': 67,
      'customer-clearing': 0,
      'seller-payable/s1': 0,
      'seller-payable/s2': 0,
      'platform-revenue': -111,
      'commission-refunds': 111,
    });
  });

  test('name their business: the payment, or the refund', () => {
    const event = {
      type: 'PaymentCaptured',
      paymentId: 'pay-c1',
      checkoutId: 'c1',
      buyerId: 'b1',
      attemptId: 'c1/capture',
      amount: 1_104,
      currency: 'USD',
      postings: postingsForCapture(shares, 'USD'),
      gatewayReference: 'g1',
      at: '2026-03-01T12:00:00.000Z',
    } as const;
    expect(ledgerEntryOf(event)).toMatchObject({ reference: 'pay-c1', booked: event.at, effective: event.at });
  });
});

const amount = fc.integer({ min: 1, max: 1e12 });

test('splitting loses nothing, invents nothing and never turns a sign', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e15, max: 1e15 }),
      fc.array(fc.nat(1e9), { minLength: 1, maxLength: 20 }),
      (total, weights) => {
        const parts = allocate(total, weights);
        expect(parts.reduce((a, b) => a + b, 0)).toBe(total);
        for (const part of parts) expect(part * Math.sign(total)).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

test('splitting is fair: no part is a whole minor unit away from its exact share', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.array(fc.nat(1e6), { minLength: 1, maxLength: 20 }), (total, weights) => {
      const whole = weights.reduce((a, b) => a + b, 0);
      fc.pre(whole > 0);
      allocate(total, weights).forEach((part, i) => {
        expect(Math.abs(part - (total * weights[i]!) / whole)).toBeLessThan(1);
      });
    }),
  );
});

test('commissions are booked per order and never exceed the sale', () => {
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 10_000 }), (sale, bps) => {
      const share = freeze({ orderId: 'o1', sellerId: 's1', amount: sale }, bps);
      const booked = balancesOf(postingsForCapture([share], 'USD'));
      expect([share.commission, 0 - (booked.get('platform-revenue') ?? 0)]).toEqual(
        Array(2).fill(commissionOf(sale, bps)),
      );
      expect(commissionOf(sale, bps)).toBeLessThanOrEqual(sale);
    }),
  );
});

test('many part refunds give back exactly what one full refund does, and each is positive', () => {
  const sale = fc.integer({ min: 1, max: 5_000 });
  fc.assert(
    fc.property(sale, fc.integer({ min: 0, max: 10_000 }), fc.array(fc.nat(900)), (whole, bps, cuts) => {
      const commission = commissionOf(whole, bps);
      const share: Share = { orderId: 'o1', sellerId: 's1', amount: whole, commission, refunded: 0, lost: 0 };
      let refunded = 0;
      const postings = [...cuts, whole].flatMap((cut) => {
        const part = Math.min(cut, whole - refunded);
        if (part === 0) return [];
        const allocation = { orderId: 'o1', sellerId: 's1', amount: part };
        const made = postingsForRefund([{ ...share, refunded }], [allocation], 'USD');
        refunded += part;
        return made;
      });
      for (const posting of postings) expect(posting.amount).toBeGreaterThan(0);
      const balances = balancesOf(postings);
      expect(balances.get('commission-refunds') ?? 0).toBe(commission);
      expect(balances.get('seller-payable/s1') ?? 0).toBe(whole - commission);
      expect(balances.get('gateway')).toBe(-whole);
    }),
  );
});
