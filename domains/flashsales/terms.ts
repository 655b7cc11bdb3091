/** What may be agreed for a sale at all. */
import type { Instant } from '../../contracts/common.ts';
import type { FlashSaleRejection, SalePrice } from '../../contracts/flashsales.ts';
import { days } from '../kernel/time.ts';

const LONGEST = days(90);
interface Window {
  readonly startsAt: Instant;
  readonly endsAt: Instant;
}

/** It may have begun already: then it is live as soon as its stock is granted. */
export const badWindow = ({ startsAt, endsAt }: Window, now: Instant): FlashSaleRejection | undefined => {
  const length = Date.parse(endsAt) - Date.parse(startsAt);
  return length <= 0 || length > LONGEST || endsAt <= now ? { type: 'WindowInvalid', startsAt, endsAt } : undefined;
};

export const badPrices = (prices: readonly SalePrice[]): FlashSaleRejection | undefined => {
  const seen = new Set<string>();
  for (const price of prices) {
    if (price.sale >= price.original || seen.has(price.currency)) return { type: 'SalePriceInvalid', ...price };
    seen.add(price.currency);
  }
  return undefined;
};
