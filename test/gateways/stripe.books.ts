/** What Stripe would have in its books: objects in its own shape, and the rules by which they move. */
import { idOf } from './mailbag.ts';
import { tokenOf } from './stripe.methods.ts';
import { amountOf, CHALLENGED, DECLINES, invalid, KNOWN, missing, StripeError, type Wired } from './stripe.rules.ts';

export type Tell = (type: string, object: Wired) => void;

export class StripeBooks {
  readonly objects = new Map<string, Wired>();
  readonly #tell: Tell;
  readonly #page: () => string;
  #n = 0;

  /** `tell`: an event happened. `page`: where challenges are answered. */
  constructor(tell: Tell, page: () => string) {
    this.#tell = tell;
    this.#page = page;
  }

  add(prefix: string, object: string, fields: Wired): Wired {
    const id = idOf(prefix, ++this.#n);
    // The order within a second is kept by `n`, which is not a field of Stripe's.
    const made = { id, object, created: Math.floor(Date.now() / 1000), livemode: false, ...fields };
    this.objects.set(id, made);
    return made;
  }

  get(what: string, id: string): Wired {
    const found = this.objects.get(id);
    if (!found || found.object !== what) throw missing(what, id);
    return found;
  }

  /** Newest first. */
  all(object: string, where: (one: Wired) => boolean = () => true): Wired[] {
    return [...this.objects.values()].filter((one) => one.object === object && where(one)).reverse();
  }

  createIntent(form: Wired): Wired {
    const currency = String(form.currency);
    const amount = amountOf(form.amount, currency);
    const named = form.payment_method ?? form.confirmation_token ?? form.payment_method_data?.card?.token;
    const token = tokenOf(this.objects.get(String(named)), form.customer) ?? named;
    if (!KNOWN.test(String(token))) throw missing('PaymentMethod', String(token));
    if (form.automatic_payment_methods?.enabled === 'true' && !form.return_url) throw invalid('return_url_required');
    const intent = this.add('pi', 'payment_intent', {
      amount,
      amount_capturable: 0,
      amount_received: 0,
      currency,
      capture_method: form.capture_method ?? 'automatic',
      client_secret: 'secret',
      customer: form.customer ?? null,
      latest_charge: null,
      last_payment_error: null,
      metadata: form.metadata ?? {},
      next_action: null,
      payment_method: token,
      status: 'requires_confirmation',
      transfer_group: form.transfer_group ?? null,
    });
    return this.#confirm(intent, String(token), form.return_url);
  }

  #confirm(intent: Wired, token: string, returnUrl: unknown): Wired {
    const decline = DECLINES[token];
    if (decline) throw this.#decline(intent, decline);
    if (CHALLENGED.has(token)) {
      const url = `${this.#page()}/3ds/${intent.id}`;
      const next = { type: 'redirect_to_url', redirect_to_url: { url, return_url: returnUrl } };
      Object.assign(intent, { status: 'requires_action', next_action: next });
      this.#tell('payment_intent.requires_action', intent);
      return intent;
    }
    return this.#hold(intent);
  }

  #decline(intent: Wired, decline: string): StripeError {
    const error = {
      type: 'card_error',
      code: 'card_declined',
      decline_code: decline,
      message: 'Your card was declined.',
    };
    Object.assign(intent, { status: 'requires_payment_method', last_payment_error: error, next_action: null });
    this.#tell('payment_intent.payment_failed', intent);
    return new StripeError(402, 'card_error', 'card_declined', { decline_code: decline, payment_intent: intent });
  }

  #hold(intent: Wired): Wired {
    const { id, amount, currency, metadata, payment_method } = intent;
    const fields = {
      amount,
      currency,
      metadata,
      payment_intent: id,
      captured: false,
      amount_refunded: 0,
      refunded: false,
    };
    const charge = this.add('ch', 'charge', {
      ...fields,
      payment_method,
      balance_transaction: null,
      amount_captured: 0,
    });
    Object.assign(intent, {
      status: 'requires_capture',
      amount_capturable: amount,
      latest_charge: charge.id,
      next_action: null,
    });
    this.#tell('payment_intent.amount_capturable_updated', intent);
    return intent;
  }

  /** What the buyer says on the bank's page. */
  answerChallenge(id: string, passes: boolean): void {
    const intent = this.get('payment_intent', id);
    if (intent.status !== 'requires_action') return;
    if (passes) this.#hold(intent);
    else this.#decline(intent, 'authentication_required');
  }

  #unexpected(intent: Wired): StripeError {
    return invalid('payment_intent_unexpected_state', undefined, { payment_intent: intent });
  }

  capture(id: string, form: Wired): Wired {
    const intent = this.get('payment_intent', id);
    if (intent.status !== 'requires_capture') throw this.#unexpected(intent);
    const amount = amountOf(form.amount_to_capture ?? intent.amount, intent.currency);
    if (amount > intent.amount_capturable) throw invalid('amount_too_large', 'amount_to_capture');
    const charge = this.get('charge', intent.latest_charge);
    const line = this.#line('charge', 'charge', charge, amount, Math.round(amount * 0.029) + 30);
    Object.assign(charge, { captured: true, amount_captured: amount, balance_transaction: line.id });
    Object.assign(intent, { status: 'succeeded', amount_received: amount, amount_capturable: 0 });
    this.#tell('charge.captured', charge);
    this.#tell('payment_intent.succeeded', intent);
    if (intent.payment_method === 'pm_card_createDispute') this.openDispute(intent);
    return intent;
  }

  cancel(id: string): Wired {
    const intent = this.get('payment_intent', id);
    if (intent.status === 'succeeded' || intent.status === 'canceled') throw this.#unexpected(intent);
    Object.assign(intent, { status: 'canceled', amount_capturable: 0, next_action: null });
    this.#tell('payment_intent.canceled', intent);
    return intent;
  }

  /** Without metadata: somebody pressed the button in the dashboard. */
  refund(form: Wired): Wired {
    const intent = this.get('payment_intent', String(form.payment_intent));
    const charge = intent.latest_charge && this.get('charge', intent.latest_charge);
    if (!charge?.captured) throw this.#unexpected(intent);
    const amount = amountOf(form.amount ?? charge.amount_captured - charge.amount_refunded, intent.currency);
    if (charge.refunded) throw invalid('charge_already_refunded');
    if (amount > charge.amount_captured - charge.amount_refunded) throw invalid('amount_too_large', 'amount');
    charge.amount_refunded += amount;
    charge.refunded = charge.amount_refunded === charge.amount_captured;
    const about = {
      amount,
      currency: intent.currency,
      charge: charge.id,
      payment_intent: intent.id,
      status: 'succeeded',
    };
    const refund = this.add('re', 'refund', { ...about, metadata: form.metadata ?? {} });
    refund.balance_transaction = this.#line('refund', 'refund', refund, -amount, 0).id;
    this.#tell('refund.created', refund);
    this.#tell('charge.refunded', charge);
    return refund;
  }

  openDispute({ latest_charge, id, amount_received, currency }: Wired): Wired {
    const about = {
      amount: amount_received,
      currency,
      charge: latest_charge,
      payment_intent: id,
      reason: 'fraudulent',
    };
    const evidence = { due_by: Math.floor(Date.now() / 1000) + 7 * 86_400, has_evidence: false, past_due: false };
    const dispute = this.add('dp', 'dispute', {
      ...about,
      status: 'needs_response',
      evidence_details: evidence,
      metadata: {},
    });
    dispute.balance_transactions = [this.#line('adjustment', 'dispute', dispute, -amount_received, 1_500)];
    this.#tell('charge.dispute.created', dispute);
    return dispute;
  }

  closeDispute(id: string, won: boolean): void {
    const dispute = this.get('dispute', id);
    dispute.status = won ? 'won' : 'lost';
    if (won)
      dispute.balance_transactions.push(this.#line('adjustment', 'dispute_reversal', dispute, dispute.amount, 0));
    this.#tell('charge.dispute.closed', dispute);
  }

  transfer(form: Wired): Wired {
    const currency = String(form.currency);
    const amount = amountOf(form.amount, currency);
    if (!/^acct_\w+$/.test(String(form.destination))) throw missing('destination', String(form.destination));
    const charge = this.get('charge', String(form.source_transaction));
    const paid = this.all('transfer', (one) => one.source_transaction === charge.id);
    const left = charge.amount_captured - paid.reduce((sum, one) => sum + one.amount - one.amount_reversed, 0);
    if (amount > left) throw invalid('balance_insufficient', 'amount');
    const about = { amount, currency, destination: form.destination, source_transaction: charge.id };
    const more = { transfer_group: form.transfer_group ?? null, metadata: form.metadata ?? {}, amount_reversed: 0 };
    const made = this.add('tr', 'transfer', { ...about, ...more });
    this.#line('transfer', 'transfer', made, -amount, 0);
    this.#tell('transfer.created', made);
    return made;
  }

  reverse(id: string, form: Wired): Wired {
    const transfer = this.get('transfer', id);
    const amount = amountOf(form.amount ?? transfer.amount, transfer.currency);
    if (amount > transfer.amount - transfer.amount_reversed) throw invalid('amount_too_large', 'amount');
    transfer.amount_reversed += amount;
    const about = { amount, currency: transfer.currency, transfer: id, metadata: form.metadata ?? {} };
    const made = this.add('trr', 'transfer_reversal', about);
    this.#line('transfer_refund', 'transfer_reversal', made, amount, 0);
    this.#tell('transfer.reversed', transfer);
    return made;
  }

  #line(type: string, category: string, source: Wired, amount: number, fee: number): Wired {
    const { id, currency } = source;
    const figures = { amount, fee, net: amount - fee, currency };
    const available_on = Math.floor(Date.now() / 1000) + 2 * 86_400;
    return this.add('txn', 'balance_transaction', {
      ...figures,
      type,
      reporting_category: category,
      source: id,
      available_on,
    });
  }
}
