/** Which provider takes a purchase: a table by currency, country and method, and who is there just now. Pure. */
import type { Currency } from '../../contracts/common.ts';

/** A row: what is left out fits everything. The first provider that is there takes it. */
export interface GatewayRoute {
  readonly currency?: Currency;
  /** ISO 3166-1, two letters: where it is sent to. */
  readonly country?: string;
  /** Such as `card` or `upi`. */
  readonly method?: string;
  readonly gateways: readonly string[];
}
export interface GatewayWish {
  readonly currency: Currency;
  readonly country?: string;
  readonly method?: string;
  /** Whose token it is: nobody else can charge it. */
  readonly gateway?: string;
}
export type Routed =
  | { readonly gateway: string }
  /** `nobody`: no row fits, or the named one is not installed; `away`: all that could are away. */
  | { readonly refused: 'nobody' | 'away'; readonly gateways: readonly string[] };

const fits = (route: GatewayRoute, wish: GatewayWish): boolean =>
  (route.currency === undefined || route.currency === wish.currency) &&
  (route.country === undefined || route.country === wish.country) &&
  (route.method === undefined || route.method === wish.method);

/** A country says more than a method, and a currency more than both: the row that says most goes first. */
const weight = ({ currency, country, method }: GatewayRoute): number =>
  (currency ? 4 : 0) + (country ? 2 : 0) + (method ? 1 : 0);

/** All that could take it, the preferred one first. */
export const candidates = (routes: readonly GatewayRoute[], wish: GatewayWish): readonly string[] => {
  const best = routes.filter((route) => fits(route, wish)).sort((a, b) => weight(b) - weight(a))[0];
  return best?.gateways ?? [];
};

export const routed = (
  routes: readonly GatewayRoute[],
  wish: GatewayWish,
  installed: ReadonlySet<string>,
  isThere: (gateway: string) => boolean,
): Routed => {
  const all = wish.gateway === undefined ? candidates(routes, wish) : [wish.gateway];
  const known = all.filter((name) => installed.has(name));
  if (known.length === 0) return { refused: 'nobody', gateways: all };
  const gateway = known.find(isThere);
  return gateway === undefined ? { refused: 'away', gateways: known } : { gateway };
};
