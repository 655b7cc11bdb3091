/**
 * A Stripe for tests: speaks its wire format over TCP on loopback and keeps books of its own. It knows nothing of who calls.
 * Keys of repeated calls, errors, pages, search that lags, rate limits and webhooks behave as documented.
 */
import { createHash } from 'node:crypto';
import { type Form, parseForm } from './form.ts';
import { idOf, Mailbag, signedLikeStripe } from './mailbag.ts';
import { StripeBooks } from './stripe.books.ts';
import { invalid, StripeError, type Wired } from './stripe.rules.ts';
import { type Answer, type Call, openWire, type Wire } from './wire.ts';

export interface StripeFake extends Wire {
  readonly secretKey: string;
  readonly books: StripeBooks;
  readonly mail: Mailbag;
  /** Idempotency keys in the order they were first used. */
  keys(): readonly string[];
  /** Milliseconds until search finds what is new. */
  searchLag: number;
}

interface Kept {
  readonly digest: string;
  readonly answer: Answer;
}
type Handler = (books: StripeBooks, form: Wired, ids: readonly string[]) => unknown;

const within = (one: Wired, created: Wired | undefined): boolean =>
  (created?.gte === undefined || one.created >= Number(created.gte)) &&
  (created?.lt === undefined || one.created < Number(created.lt));

/** A page, newest first. */
const page = (url: string, found: readonly Wired[], { limit = '10', starting_after: after }: Wired) => {
  const from = after ? found.findIndex(({ id }) => id === after) + 1 : 0;
  const data = found.slice(from, from + Number(limit));
  return { object: 'list', url, data, has_more: from + data.length < found.length };
};

/** Puts objects in the place of their ids, as far as `expand` asks for. */
const expanded = (books: StripeBooks, value: Wired, path: readonly string[]): Wired => {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(value[first]))
    return { ...value, [first]: value[first].map((one: Wired) => expanded(books, one, rest)) };
  const part = typeof value[first] === 'string' ? books.objects.get(value[first]) : value[first];
  return part ? { ...value, [first]: expanded(books, part, rest) } : value;
};

const listOf =
  (
    object: string,
    where: (form: Wired, ids: readonly string[]) => (one: Wired) => boolean = () => () => true,
  ): Handler =>
  (books, form, ids) => {
    const fits = where(form, ids);
    return page(
      `/v1/${object}s`,
      books.all(object, (one) => within(one, form.created) && fits(one)),
      form,
    );
  };

const methodOf = (token: string, customer: string): Wired => ({
  type: 'card',
  customer,
  card: { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2034 },
  token,
});

const setUp: Handler = (books, form) => {
  if (form.payment_method === 'pm_card_visa_chargeDeclined')
    throw new StripeError(402, 'card_error', 'card_declined', { decline_code: 'generic_decline' });
  const method = books.add('pm', 'payment_method', methodOf(String(form.payment_method), String(form.customer)));
  const about = { status: 'succeeded', payment_method: method.id, next_action: null, last_setup_error: null };
  return books.add('seti', 'setup_intent', { ...about, customer: form.customer, metadata: form.metadata ?? {} });
};
const detach: Handler = (books, _, [id]) => Object.assign(books.get('payment_method', id!), { customer: null });

const ROUTES: readonly (readonly [RegExp, Handler])[] = [
  [/^POST \/v1\/payment_intents$/, (books, form) => books.createIntent(form)],
  [/^POST \/v1\/payment_intents\/(\w+)\/capture$/, (books, form, [id]) => books.capture(id!, form)],
  [/^POST \/v1\/payment_intents\/(\w+)\/cancel$/, (books, _, [id]) => books.cancel(id!)],
  [/^GET \/v1\/payment_intents$/, listOf('payment_intent')],
  [/^GET \/v1\/payment_intents\/(\w+)$/, (books, _, [id]) => books.get('payment_intent', id!)],
  [/^POST \/v1\/refunds$/, (books, form) => books.refund(form)],
  [/^GET \/v1\/refunds$/, listOf('refund', (form) => (one) => one.payment_intent === form.payment_intent)],
  [/^POST \/v1\/customers$/, (books, form) => books.add('cus', 'customer', { metadata: form.metadata ?? {} })],
  [
    /^GET \/v1\/customers\/(\w+)\/payment_methods$/,
    listOf(
      'payment_method',
      (_, [id]) =>
        (one) =>
          one.customer === id,
    ),
  ],
  [/^POST \/v1\/payment_methods\/(\w+)\/detach$/, detach],
  [/^POST \/v1\/setup_intents$/, setUp],
  [/^POST \/v1\/transfers$/, (books, form) => books.transfer(form)],
  [/^GET \/v1\/transfers$/, listOf('transfer', (form) => (one) => one.transfer_group === form.transfer_group)],
  [/^POST \/v1\/transfers\/(\w+)\/reversals$/, (books, form, [id]) => books.reverse(id!, form)],
  [
    /^GET \/v1\/transfers\/(\w+)\/reversals$/,
    listOf(
      'transfer_reversal',
      (_, [id]) =>
        (one) =>
          one.transfer === id,
    ),
  ],
  [/^GET \/v1\/disputes$/, listOf('dispute')],
  [/^GET \/v1\/disputes\/(\w+)$/, (books, _, [id]) => books.get('dispute', id!)],
  [/^GET \/v1\/balance_transactions$/, listOf('balance_transaction')],
];

const errorOf = (error: unknown): Answer => {
  if (!(error instanceof StripeError)) throw error;
  return { status: error.status, body: { error: error.error } };
};
const API_ERROR = { error: { type: 'api_error', message: 'An unknown error occurred (fake)' } };
const BUSY: Answer = {
  status: 429,
  body: { error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests (fake)' } },
  headers: { 'retry-after': '1' },
};
const MISMATCH: Answer = {
  status: 400,
  body: {
    error: {
      type: 'idempotency_error',
      message: 'Keys for idempotent requests can only be used with the same parameters they were first used with.',
    },
  },
};
const UNAUTHORISED: Answer = {
  status: 401,
  body: { error: { type: 'invalid_request_error', message: 'Invalid API Key provided (fake)' } },
};

export const startStripeFake = async (): Promise<StripeFake> => {
  const secretKey = 'sk_test_fake0000000000000000';
  const mail = new Mailbag(signedLikeStripe);
  const keys = new Map<string, Kept>();
  let events = 0;
  let page3ds = '';
  const books = new StripeBooks(
    (type, object) => {
      const data = { object: structuredClone(object) };
      const event = { api_version: 'fake', data, pending_webhooks: 1, request: null, type };
      const made = books.add('evt', 'event', { ...event, id: idOf('evt', ++events) });
      mail.write(made.id, JSON.stringify(made));
    },
    () => page3ds,
  );
  const options = { searchLag: 60_000 };

  const search: Handler = (all, form) => {
    const [, name, value] = /^metadata\['(\w+)'\]:'([^']*)'$/.exec(String(form.query)) ?? [];
    if (!name) throw invalid('invalid_query', 'query');
    const before = (Date.now() - options.searchLag) / 1000;
    const what = String(form.what);
    return page(
      '/v1/search',
      all.all(what, (one) => one.metadata?.[name] === value && one.created <= before),
      form,
    );
  };
  const listEvents: Handler = listOf(
    'event',
    (form) => (one) =>
      form.delivery_success === undefined || (form.delivery_success === 'true') !== mail.undelivered.has(one.id),
  );
  const routes: typeof ROUTES = [
    [/^GET \/v1\/payment_intents\/search$/, (b, form, ids) => search(b, { ...form, what: 'payment_intent' }, ids)],
    [/^GET \/v1\/customers\/search$/, (b, form, ids) => search(b, { ...form, what: 'customer' }, ids)],
    [/^GET \/v1\/events$/, listEvents],
    ...ROUTES,
  ];

  const run = (named: string, form: Form): Answer => {
    for (const [pattern, handler] of routes) {
      const match = pattern.exec(named);
      if (!match) continue;
      const found = handler(books, form, match.slice(1)) as Wired;
      const paths = ((form.expand ?? []) as readonly string[]).map((path) => path.split('.'));
      return { status: 200, body: structuredClone(paths.reduce((value, path) => expanded(books, value, path), found)) };
    }
    return {
      status: 404,
      body: { error: { type: 'invalid_request_error', message: `Unrecognized request URL (${named})` } },
    };
  };
  const attempt = (named: string, form: Form): Answer => {
    try {
      return run(named, form);
    } catch (error) {
      return errorOf(error);
    }
  };
  const keyOf = ({ method, headers }: Call) => (method === 'POST' ? headers['idempotency-key']?.toString() : undefined);
  const digestOf = ({ path, body }: Call) => createHash('sha256').update(`${path} ${body}`).digest('hex');

  const handle = (call: Call): Answer => {
    if (call.headers.authorization !== `Bearer ${secretKey}`) return UNAUTHORISED;
    const key = keyOf(call);
    const before = key === undefined ? undefined : keys.get(key);
    if (before && before.digest !== digestOf(call)) return MISMATCH;
    if (before) return { ...before.answer, headers: { 'idempotent-replayed': 'true' } };
    const form = parseForm(call.method === 'POST' ? new URLSearchParams(call.body) : call.query);
    const answer = attempt(`${call.method} ${call.path}`, form);
    if (key !== undefined) keys.set(key, { digest: digestOf(call), answer });
    return answer;
  };
  /** A failure of its own is kept under the key, too, whether anything had been done or not. */
  const error = (call: Call): Answer => {
    const answer = { status: 500, body: API_ERROR };
    const key = keyOf(call);
    if (key !== undefined) keys.set(key, { digest: digestOf(call), answer });
    return answer;
  };

  const wire = await openWire(handle, { error, busy: BUSY });
  page3ds = wire.url;
  return Object.assign(options, wire, { secretKey, books, mail, keys: () => [...keys.keys()] });
};
