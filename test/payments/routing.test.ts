import { expect, test } from '@jest/globals';
import { routed } from '../../domains/payments/routing.ts';

const routes = [
  { gateways: ['stripe'] },
  { currency: 'INR', gateways: ['razorpay', 'stripe'] },
  { currency: 'EUR', country: 'DE', gateways: ['german'] },
  { country: 'DE', gateways: ['other'] },
  { method: 'upi', gateways: ['razorpay'] },
] as const;
const installed = new Set(['stripe', 'razorpay', 'german', 'other']);
const all = () => true;

test.each([
  [{ currency: 'USD' }, 'stripe'],
  [{ currency: 'INR' }, 'razorpay'],
  [{ currency: 'INR', country: 'DE' }, 'razorpay'],
  [{ currency: 'EUR', country: 'DE' }, 'german'],
  [{ currency: 'EUR', country: 'FR' }, 'stripe'],
  [{ currency: 'USD', country: 'DE', method: 'upi' }, 'other'],
  [{ currency: 'USD', method: 'upi' }, 'razorpay'],
  [{ currency: 'INR', gateway: 'stripe' }, 'stripe'],
])('the row that says most takes %j: %s', (wish, gateway) => {
  expect(routed(routes, wish, installed, all)).toEqual({ gateway });
});

test('the next one of a row takes what the first cannot take just now; a token is only its maker’s to charge', () => {
  const isThere = (name: string) => name !== 'razorpay';
  expect(routed(routes, { currency: 'INR' }, installed, isThere)).toEqual({ gateway: 'stripe' });
  const named = routed(routes, { currency: 'INR', gateway: 'razorpay' }, installed, isThere);
  expect(named).toEqual({ refused: 'away', gateways: ['razorpay'] });
});

test('what nobody takes is refused, also when its row names only those who are not installed', () => {
  const rupees = [{ currency: 'INR', gateways: ['razorpay'] }];
  expect(routed(rupees, { currency: 'USD' }, installed, all)).toEqual({ refused: 'nobody', gateways: [] });
  expect(routed(rupees, { currency: 'INR' }, new Set(['stripe']), all)).toMatchObject({ refused: 'nobody' });
});
