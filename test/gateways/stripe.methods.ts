/** Saved methods, as Stripe keeps them. */
import { missing, type Wired } from './stripe.rules.ts';

/** What a saved method stands for; only its own customer has it. Undefined: it is no saved method. */
export const tokenOf = (method: Wired | undefined, customer: unknown): string | undefined => {
  if (method?.object !== 'payment_method') return undefined;
  if (!method.customer || method.customer !== customer) throw missing('PaymentMethod', String(method.id));
  return String(method.token);
};
