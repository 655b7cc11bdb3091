/** Payments, books and providers in the world behind the edge. */
import type { ApiPorts } from '../../adapters/http/api.ts';
import { accountOf } from '../../domains/payments/accounts.ts';
import { accepted } from './edge.ts';
import { noticeRow, page, paymentRow, posting } from './world.rows.ts';

type Payments = 'payments' | 'books' | 'chart' | 'gateway' | 'routing' | 'methods' | 'notices' | 'webhooks';
export const paymentPorts: Pick<ApiPorts, Payments> = {
  payments: {
    byId: async (id) => (id === 'x-payment' ? paymentRow : undefined),
    ledger: async () => page([posting]),
  },
  books: {
    balances: async () => [{ account: 'gateway', currency: 'USD', debits: 5, credits: 2, balance: 3 }],
    entries: async () => page([posting]),
    seller: async () => [{ currency: 'USD', pending: 3, available: -1, inPayout: 0 }],
  },
  chart: accountOf,
  gateway: { verify: async () => accepted() },
  routing: {
    settle: async ({ token }) => ({ method: { token, gateway: 'sandbox' } }),
    options: () => [{ gateway: 'sandbox', pays: 'token', available: true }],
  },
  methods: {
    customer: async () => 'cus-1',
    list: async () => [{ gateway: 'sandbox', token: 'tok_success', type: 'sandbox', label: 'sandbox success' }],
    save: async (_, { token }) => ({ outcome: 'saved', token, gateway: 'sandbox' }),
    forget: async (_, gateway) => gateway === 'sandbox',
  },
  notices: { list: async () => page([noticeRow]), retry: async () => accepted(), discard: async () => accepted() },
  webhooks: {
    receive: async (provider, headers, body) => {
      if (provider !== 'sandbox') return 'unknown-provider';
      return headers['x-signature'] === String(body.length) ? 'stored' : 'bad-signature';
    },
  },
};
