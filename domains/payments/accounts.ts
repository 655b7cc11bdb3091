/** The chart of accounts: every account that a posting may name, and what its balance means. */
import type { Id } from '../../contracts/common.ts';

export interface Account {
  readonly code: string;
  /** Assets and expenses grow by debits, liabilities and income by credits. */
  readonly kind: 'asset' | 'liability' | 'income' | 'expense';
  /** One account per seller: `<code>/<seller id>`. */
  readonly perSeller: boolean;
  readonly says: string;
}

export const ACCOUNTS = {
  clearing: {
    code: 'customer-clearing',
    kind: 'liability',
    perSeller: false,
    says: 'between buyer and sellers; zero at rest',
  },
  gateway: { code: 'gateway', kind: 'asset', perSeller: false, says: 'what the payment providers owe us' },
  held: { code: 'disputes-held', kind: 'asset', perSeller: false, says: 'what providers hold for open disputes' },
  bank: { code: 'bank', kind: 'asset', perSeller: false, says: 'what providers have paid out to us' },
  seller: { code: 'seller-payable', kind: 'liability', perSeller: true, says: 'sold, and not yet earned' },
  earned: {
    code: 'seller-earned',
    kind: 'liability',
    perSeller: true,
    says: 'earned by delivery, and not yet paid out; below zero: carried into the next payout',
  },
  transferred: {
    code: 'seller-transferred',
    kind: 'liability',
    perSeller: true,
    says: 'in a payout, and not yet confirmed by the provider; zero at rest',
  },
  revenue: { code: 'platform-revenue', kind: 'income', perSeller: false, says: 'commissions earned' },
  refunds: {
    code: 'commission-refunds',
    kind: 'income',
    perSeller: false,
    says: 'commissions given back; reduces income',
  },
  fees: { code: 'gateway-fees', kind: 'expense', perSeller: false, says: 'what providers keep for payments' },
  disputeFees: { code: 'dispute-fees', kind: 'expense', perSeller: false, says: 'what providers keep for disputes' },
  losses: { code: 'dispute-losses', kind: 'expense', perSeller: false, says: 'lost, and more than sellers bear' },
  suspense: {
    code: 'suspense',
    kind: 'liability',
    perSeller: false,
    says: 'found in a provider’s balance, and not explained yet; zero at rest',
  },
} as const satisfies Readonly<Record<string, Account>>;

const perSeller = (code: string) => (sellerId: Id) => `${code}/${sellerId}`;
export const sellerAccount = perSeller(ACCOUNTS.seller.code);
export const earnedAccount = perSeller(ACCOUNTS.earned.code);
export const transferredAccount = perSeller(ACCOUNTS.transferred.code);

const BY_CODE: ReadonlyMap<string, Account> = new Map(
  Object.values(ACCOUNTS).map((account) => [account.code, account]),
);
/** What the chart says of an account; undefined: there is no such account. */
export const accountOf = (name: string): Account | undefined => {
  const slash = name.indexOf('/');
  const account = BY_CODE.get(slash < 0 ? name : name.slice(0, slash));
  const namesSeller = slash > 0 && slash < name.length - 1;
  return account?.perSeller === namesSeller ? account : undefined;
};
