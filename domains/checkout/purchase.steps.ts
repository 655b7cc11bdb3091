/** Which steps a purchase takes, by its basket. Steps are named here; what they say is in purchase.commands.ts. */
import type { Purchase, Step } from './purchase.state.ts';

/** The steps of each kind for the whole basket, in the order they are taken. */
export const stepsOf = ({ basket }: Purchase) => {
  const orders = basket.orders.map(({ orderId }) => orderId);
  const skus = basket.demand.map(({ sku }) => sku);
  const ofCart = (step: Step) => (basket.cartId === undefined ? [] : [step]);
  const ofShare = (step: Step) => (basket.limits === undefined ? [] : [step]);
  return {
    /** One after the other: the cart, the stock, then the buyer's share. */
    hold: [...ofCart('freeze-cart'), ...skus.map((sku) => `reserve/${sku}`), ...ofShare('claim-units')],
    create: orders.map((id) => `create/${id}`),
    confirmOrder: orders.map((id) => `confirm-order/${id}`),
    markPaid: orders.map((id) => `mark-paid/${id}`),
    cancelOrder: orders.map((id) => `cancel-order/${id}`).reverse(),
    confirmStock: skus.map((sku) => `confirm-stock/${sku}`),
    checkOutCart: ofCart('check-out-cart'),
    /** The holds backwards, one for one. */
    release: [...ofShare('release-units'), ...skus.map((sku) => `release/${sku}`).reverse(), ...ofCart('thaw-cart')],
    /** What is held without an end, by others than the stock. */
    letGo: [...ofShare('release-units'), ...ofCart('thaw-cart')],
    extend: (round: number) => skus.map((sku) => `extend/${sku}/${round}`),
  };
};
