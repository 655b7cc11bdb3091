/** What people were told: the same for the same request, and true in the end. */
import { casesOf } from './checks.purchases.ts';
import { type Check, type Exchange, violation } from './rows.ts';

const SAME = 'one answer per request';

/** The checkout that an answer to a purchase speaks of, and the end that it tells. */
export const toldOf = ({ status, data }: Exchange): { id: string; end?: 'completed' | 'aborted' } | undefined => {
  // A cart may name the checkout that it is in, without a word of how that goes.
  if (data?.checkout_id === undefined || data.cart_id !== undefined) return undefined;
  const id = String(data.checkout_id);
  if (status >= 400 || data.status === 'aborted') return { id, end: 'aborted' };
  return status === 201 || data.status === 'completed' ? { id, end: 'completed' } : { id };
};

export const isPurchase = ({ what }: Exchange): boolean => what === 'buy' || what === 'flash';
const requestOf = ({ who, path, key, digest }: Exchange): string => `${who} ${path} ${key} ${digest}`;

/** A repeat is told of the same checkout, and an end does not change. */
export const repeats: Check = function* ({ history }) {
  for (const [request, tries] of Map.groupBy(history.filter(isPurchase), requestOf)) {
    const told = tries.map(toldOf).filter((each) => each !== undefined);
    const ids = new Set(told.map(({ id }) => id));
    if (ids.size > 1) yield violation(SAME, request, `told of ${[...ids].join(', ')}`);
    const ends = new Set(told.flatMap(({ end }) => end ?? []));
    if (ends.size > 1) yield violation(SAME, request, `told ${[...ends].join(' and ')}`);
    const refused = tries.find(({ status, code }) => status === 422 && code !== 'idempotency_key_reused');
    if (refused && told.length > 0) yield violation(SAME, request, `accepted, and refused as ${refused.code}`);
  }
};

/** Repeated, a refund or a movement is the same one, of the same size. */
export const replays: Check = function* ({ history }) {
  const told = history.filter(({ what, status }) => ['refund', 'receipt', 'adjustment'].includes(what) && status < 300);
  const answered = told.filter(({ status }) => status > 0);
  for (const [request, tries] of Map.groupBy(answered, requestOf)) {
    const kinds = new Set(tries.map(({ data }) => JSON.stringify({ ...data, version: undefined })));
    if (kinds.size > 1) yield violation(SAME, request, [...kinds].join(' and '));
  }
};

/** Another body under a key that was taken is never bought. */
export const reuses: Check = function* ({ history }) {
  const keys = Map.groupBy(history.filter(isPurchase), ({ who, path, key }) => `${who} ${path} ${key}`);
  for (const [key, tries] of keys) {
    const bought = Map.groupBy(
      tries.filter((one) => toldOf(one)),
      ({ digest }) => digest,
    );
    if (bought.size > 1) yield violation('one body per key', key, `${bought.size} bodies were accepted`);
  }
};

/** Nobody was told an end that is not the end. */
export const truth: Check = function* (evidence) {
  const cases = new Map([...casesOf(evidence)].map((found) => [found.session.id, found]));
  for (const exchange of evidence.history) {
    const told = toldOf(exchange);
    if (!told) continue;
    const found = cases.get(told.id);
    if (!found) yield violation('what was told is true', told.id, `told ${exchange.status}, and not there`);
    else if (told.end && told.end !== found.session.stage)
      yield violation('what was told is true', told.id, `told ${told.end}, is ${found.session.stage}`);
    else if (told.end === 'completed' && found.session.buyer_id !== exchange.who && isPurchase(exchange))
      yield violation('what was told is true', told.id, `belongs to ${found.session.buyer_id}`);
  }
};

/** However it was sent, a purchase makes one checkout; so there are not more of them than requests. */
export const counts: Check = function* ({ history, rows }) {
  const requests = new Set(history.filter(isPurchase).map(({ who, path, key }) => `${who} ${path} ${key}`)).size;
  const made = rows['checkout.checkout_sessions'].length;
  if (made > requests) yield violation('one checkout per key', 'all', `${made} checkouts of ${requests} requests`);
};

/** When something is away the answer is 503, which says so; 500 is a fault of ours. */
export const faults: Check = function* ({ history }) {
  for (const { n, status, method, path, code } of history)
    if (status >= 500 && status !== 503) yield violation('no faults', n, `${status} ${code} to ${method} ${path}`);
};
