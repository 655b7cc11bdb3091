/**
 * A Razorpay for tests: speaks its wire format (JSON, basic authentication) over TCP on loopback and keeps books of its own.
 * It knows nothing of who calls.
 */
import { createHash, createHmac } from 'node:crypto';
import { idOf, Mailbag, signedLikeRazorpay } from './mailbag.ts';
import { amountIn, BadRequest, type Handler, listed, seconds, thingsOf } from './razorpay.store.ts';
import type { Wired } from './stripe.rules.ts';
import { type Answer, type Call, openWire, type Wire } from './wire.ts';

export interface RazorpayFake extends Wire {
  readonly keyId: string;
  readonly keySecret: string;
  readonly mail: Mailbag;
  /** The buyer pays an order in the checkout; what the browser is given. `declined`: the bank says no. */
  pay(orderId: string, how?: 'paid' | 'declined'): { readonly payment: string; readonly signature: string };
  /** The buyer's bank takes a payment back for now. */
  dispute(paymentId: string): Wired;
  readonly all: (entity: string) => readonly Wired[];
}

export const startRazorpayFake = async (): Promise<RazorpayFake> => {
  const [keyId, keySecret] = ['rzp_test_fake00000000', 'a fake secret of razorpay'];
  const mail = new Mailbag(signedLikeRazorpay);
  const { add, all, get, next } = thingsOf();
  const refundKeys = new Map<string, { readonly body: string; readonly refund: Wired }>();

  const tell = (event: string, ...about: readonly Wired[]): void => {
    const payload = Object.fromEntries(about.map((one) => [one.entity, { entity: structuredClone(one) }]));
    const told = { entity: 'event', account_id: 'acc_fake', event, contains: Object.keys(payload), payload };
    mail.write(idOf('evt', next()), JSON.stringify({ ...told, created_at: seconds() }));
  };
  const createOrder: Handler = ({ amount, currency, receipt, notes = [] }) => {
    if (String(receipt ?? '').length > 40) throw new BadRequest('The receipt may not be greater than 40 characters.');
    const money = { amount: amountIn(amount), currency, amount_paid: 0, amount_due: amount };
    return add('order', 'order', { ...money, receipt, notes, status: 'created', attempts: 0 });
  };
  const capture: Handler = ({ amount, currency }, _, [id]) => {
    const payment = get('payment', id!);
    if (payment.status === 'captured') throw new BadRequest('This payment has already been captured', 'NA');
    if (payment.status !== 'authorized')
      throw new BadRequest('Only payments which have been authorized can be captured');
    if (amount !== payment.amount || currency !== payment.currency)
      throw new BadRequest('Capture amount must be equal to the amount authorized');
    const fee = Math.round(payment.amount * 0.0236);
    Object.assign(payment, { status: 'captured', captured: true, fee, tax: Math.round((fee * 18) / 118) });
    Object.assign(get('order', payment.order_id), { status: 'paid', amount_paid: payment.amount });
    tell('payment.captured', payment);
    tell('order.paid', get('order', payment.order_id), payment);
    return payment;
  };
  const refund: Handler = ({ amount, receipt, notes = [] }, _, [id]) => {
    const payment = get('payment', id!);
    if (payment.status !== 'captured')
      throw new BadRequest('The payment status should be captured for action to be taken');
    if (amount > payment.amount - payment.amount_refunded)
      throw new BadRequest('The refund amount provided is greater than amount captured');
    payment.amount_refunded += amount;
    if (payment.amount_refunded === payment.amount) payment.status = 'refunded';
    const about = { payment_id: id, amount, currency: payment.currency, receipt, notes, status: 'processed' };
    const made = add('rfnd', 'refund', { ...about, speed_processed: 'normal' });
    tell('refund.processed', made, payment);
    return made;
  };
  const transfer: Handler = ({ transfers }, _, [id]) => {
    const payment = get('payment', id!);
    const [{ account, amount, currency, notes = [] }] = transfers as [Wired];
    if (!/^acc_\w+$/.test(String(account))) throw new BadRequest('The account provided does not exist');
    const before = all('transfer').filter(({ source }) => source === id);
    const left = payment.amount - before.reduce((sum, one) => sum + one.amount - one.amount_reversed, 0);
    if (payment.status !== 'captured' || amount > left)
      throw new BadRequest('The sum of amount requested for transfer is greater than the captured amount');
    const made = add('trf', 'transfer', {
      source: id,
      recipient: account,
      amount,
      currency,
      notes,
      amount_reversed: 0,
    });
    tell('transfer.processed', made);
    return { entity: 'collection', count: 1, items: [made] };
  };
  const reverse: Handler = ({ amount, notes = [] }, _, [id]) => {
    const whole = get('transfer', id!);
    if (amount > whole.amount - whole.amount_reversed)
      throw new BadRequest('The reversal amount is greater than the transfer');
    whole.amount_reversed += amount;
    return add('rvrsl', 'reversal', { transfer_id: id, amount, currency: whole.currency, notes });
  };

  const line = (type: string, of: Wired, credit: number, debit: number, paymentId?: string): Wired => {
    const { id: entity_id, amount, currency, notes, created_at } = of;
    return {
      entity_id,
      type,
      amount,
      currency,
      notes,
      created_at,
      credit,
      debit,
      settled_at: seconds(),
      payment_id: paymentId,
    };
  };
  /** Everything counts as settled on the day it happened. */
  const recon: Handler = (_, query) => {
    const day = ['year', 'month', 'day'].map((part) => query.get(part)!.padStart(2, '0')).join('-');
    const lines = [
      ...all('payment').flatMap((one) => (one.captured ? [line('payment', one, one.amount - one.fee, 0)] : [])),
      ...all('refund').map((one) => line('refund', one, 0, one.amount, one.payment_id)),
      ...all('transfer').map((one) => line('transfer', one, 0, one.amount, one.source)),
      ...all('reversal').map((one) => line('reversal', one, one.amount, 0)),
      ...all('dispute').flatMap((one) =>
        one.amount_deducted ? [line('dispute', one, 0, one.amount_deducted, one.payment_id)] : [],
      ),
    ];
    return listed(
      lines.filter((one) => new Date(one.created_at * 1000).toISOString().startsWith(day)),
      query,
    );
  };
  const paymentsOf = (id: string) => all('payment').filter(({ order_id }) => order_id === id);
  const byReceipt: Handler = (_, query) =>
    listed(
      all('order')
        .filter(({ receipt }) => !query.has('receipt') || receipt === query.get('receipt'))
        .reverse(),
      query,
    );
  const disputes: Handler = (_, query) =>
    listed(
      all('dispute')
        .filter(({ created_at }) => created_at >= Number(query.get('from') ?? 0))
        .reverse(),
      query,
    );

  const ROUTES: readonly (readonly [RegExp, Handler])[] = [
    [/^POST \/v1\/orders$/, createOrder],
    [/^GET \/v1\/orders$/, byReceipt],
    [/^GET \/v1\/orders\/(\w+)$/, (_, __, [id]) => get('order', id!)],
    [/^PATCH \/v1\/orders\/(\w+)$/, ({ notes }, _, [id]) => Object.assign(get('order', id!), { notes })],
    [/^GET \/v1\/orders\/(\w+)\/payments$/, (_, query, [id]) => listed(paymentsOf(id!), query)],
    [/^GET \/v1\/payments\/(\w+)$/, (_, __, [id]) => get('payment', id!)],
    [/^POST \/v1\/payments\/(\w+)\/capture$/, capture],
    [/^POST \/v1\/payments\/(\w+)\/refund$/, refund],
    [
      /^GET \/v1\/payments\/(\w+)\/refunds$/,
      (_, query, [id]) =>
        listed(
          all('refund').filter(({ payment_id }) => payment_id === id),
          query,
        ),
    ],
    [/^POST \/v1\/payments\/(\w+)\/transfers$/, transfer],
    [
      /^GET \/v1\/payments\/(\w+)\/transfers$/,
      (_, query, [id]) =>
        listed(
          all('transfer').filter(({ source }) => source === id),
          query,
        ),
    ],
    [/^POST \/v1\/transfers\/(\w+)\/reversals$/, reverse],
    [
      /^GET \/v1\/transfers\/(\w+)\/reversals$/,
      (_, query, [id]) =>
        listed(
          all('reversal').filter(({ transfer_id }) => transfer_id === id),
          query,
        ),
    ],
    [/^GET \/v1\/disputes$/, disputes],
    [/^GET \/v1\/disputes\/(\w+)$/, (_, __, [id]) => get('dispute', id!)],
    [/^GET \/v1\/settlements\/recon\/combined$/, recon],
  ];

  const bad = (error: Wired, status = 400): Answer => ({ status, body: { error } });
  const run = ({ method, path, query, body }: Call): Answer => {
    for (const [pattern, handler] of ROUTES) {
      const match = pattern.exec(`${method} ${path}`);
      if (match)
        return { status: 200, body: structuredClone(handler(body ? JSON.parse(body) : {}, query, match.slice(1))) };
    }
    return bad({ code: 'BAD_REQUEST_ERROR', description: `The requested URL was not found on the server. ${path}` });
  };
  const attempt = (call: Call): Answer => {
    try {
      return run(call);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      return bad(error.error);
    }
  };
  const basic = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
  const handle = (call: Call): Answer => {
    if (call.headers.authorization !== basic)
      return bad({ code: 'BAD_REQUEST_ERROR', description: 'Authentication failed' }, 401);
    const key = call.headers['x-refund-idempotency']?.toString();
    if (key === undefined) return attempt(call);
    const digest = createHash('sha256')
      .update(call.path + call.body)
      .digest('hex');
    const before = refundKeys.get(key);
    if (before && before.body !== digest)
      return bad(
        new BadRequest('Different request with the same idempotency key has already been processed.', 'NA').error,
      );
    if (before) return { status: 200, body: before.refund };
    const answer = attempt(call);
    if (answer.status === 200) refundKeys.set(key, { body: digest, refund: answer.body as Wired });
    return answer;
  };

  const error = (): Answer => bad({ code: 'SERVER_ERROR', description: 'We are facing some trouble (fake)' }, 500);
  const wire = await openWire(handle, {
    error,
    busy: bad({ code: 'BAD_REQUEST_ERROR', description: 'Request throttled' }, 429),
  });
  return Object.assign(wire, {
    keyId,
    keySecret,
    mail,
    all,
    pay: (orderId: string, how: 'paid' | 'declined' = 'paid') => {
      const { amount, currency } = get('order', orderId);
      const status = how === 'paid' ? 'authorized' : 'failed';
      const about = { amount, currency, order_id: orderId, status, captured: false, amount_refunded: 0, notes: [] };
      const payment = add('pay', 'payment', { ...about, method: 'card', fee: null, tax: null });
      tell(how === 'paid' ? 'payment.authorized' : 'payment.failed', payment);
      const signature = createHmac('sha256', keySecret).update(`${orderId}|${payment.id}`).digest('hex');
      return { payment: payment.id, signature };
    },
    dispute: (paymentId: string) => {
      const { amount, currency } = get('payment', paymentId);
      const about = { payment_id: paymentId, amount, currency, amount_deducted: 0, status: 'open' };
      const why = { reason_code: 'goods_not_received', phase: 'chargeback' };
      const made = add('disp', 'dispute', { ...about, ...why, respond_by: seconds() + 7 * 86_400 });
      tell('payment.dispute.created', made, get('payment', paymentId));
      return made;
    },
  });
};
