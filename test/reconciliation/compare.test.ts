import { describe, expect, test } from '@jest/globals';
import { compare } from '../../domains/reconciliation/compare.ts';
import { type Entry, entriesOf, type GatewayPosting, type Line, lineOf } from '../../domains/reconciliation/lines.ts';

const at = '2026-03-01T12:00:00.000Z';
const later = '2026-03-01T12:30:00.000Z';
const entry: Entry = {
  id: 'pay-1/6',
  about: 'charge/pay-1',
  kind: 'charge',
  amount: 1_000,
  fee: 29,
  currency: 'USD',
  at,
  paymentId: 'pay-1',
};
const line: Line = { ...entry, reference: 'txn-1' };
const judged = {
  gateway: 'stripe',
  since: '2026-03-01T12:00:00.000Z',
  until: '2026-03-01T13:00:00.000Z',
  entries: new Set(['pay-1/6']),
};
const kinds = (lines: readonly Line[], entries: readonly Entry[], more: object = {}) => {
  const { findings, unheard } = compare(lines, entries, { ...judged, ...more });
  return [
    ...findings.map(({ kind, suggestion }) => [kind, suggestion.action]),
    ...unheard.map(({ id }) => ['unheard', id]),
  ];
};

describe('a line and an entry', () => {
  test('match when they are about the same, for the same amount and fee', () => {
    expect(kinds([line], [entry])).toEqual([]);
  });
  test('of two charges for one payment, the second is nobody’s', () => {
    expect(kinds([line, { ...line, reference: 'txn-2' }], [entry])).toEqual([['missing-here', 'review-charge']]);
  });
  test('do not match when the line is younger than what was booked: it was charged again', () => {
    expect(kinds([{ ...line, at: later }], [entry])).toEqual([
      ['missing-here', 'review-charge'],
      ['unheard', 'pay-1/6'],
    ]);
  });
  test('a line outside the period keeps its entry from missing, and is judged in its own', () => {
    const before = { ...line, at: '2026-03-01T11:59:59.000Z', fee: 40 };
    expect(kinds([before], [entry])).toEqual([]);
    expect(kinds([before], [], { entries: new Set() })).toEqual([]);
  });
  test('in other currencies, amounts tell nothing', () => {
    expect(kinds([{ ...line, amount: 920, fee: 27, currency: 'EUR' }], [entry])).toEqual([]);
  });
  test('what is won back in a dispute is not what was taken for it', () => {
    const taken = { ...entry, about: 'dispute/dp-1', kind: 'dispute' as const, amount: -1_000, fee: 1_500 };
    const lines = [
      { ...taken, reference: 'txn-1' },
      { ...taken, amount: 1_000, fee: 0, reference: 'txn-2' },
    ];
    expect(kinds(lines, [taken])).toEqual([['missing-here', 'book-dispute']]);
  });
  test('payouts are reported, not compared', () => {
    expect(kinds([{ ...line, kind: 'payout', about: undefined }], [])).toEqual([]);
  });
});

test.each([
  ['charge', true, 'verify-payment'],
  ['charge', false, 'review-charge'],
  ['refund', true, 'verify-payment'],
  ['refund', false, 'record-refund'],
  ['dispute', false, 'book-dispute'],
  ['transfer', false, 'book-transfer'],
  ['fee', false, 'post-fee'],
  ['other', false, 'ask-provider'],
] as const)('for a %s that we do not have (an open call: %s), the case suggests: %s', (kind, isOpen, action) => {
  expect(kinds([{ ...line, kind, isOpen }], [])).toEqual([['missing-here', action]]);
});

const posting = (more: Partial<GatewayPosting>): GatewayPosting => ({
  source: 'pay-1',
  paymentId: 'pay-1',
  sequence: 6,
  reference: 'pay-1',
  debit: 'gateway',
  credit: 'customer-clearing',
  amount: 1_000,
  currency: 'USD',
  at,
  ...more,
});

describe('corrections', () => {
  const correction = (reference: string, amount: number, fee = 0, currency = 'USD'): Entry => ({
    ...entry,
    id: `correction/${reference}/1`,
    about: `refund/${reference}`,
    kind: 'refund',
    amount,
    fee,
    currency,
    corrects: reference,
    at: later,
  });
  const byHand = { ...line, kind: 'refund' as const, about: undefined, amount: -300, fee: 0 };
  test('that are named after a line explain it, when they come to what is left of it', () => {
    expect(kinds([byHand], [correction('txn-1', -300)])).toEqual([]);
    expect(kinds([{ ...line, fee: 40 }], [entry, correction('txn-1', 0, 11)])).toEqual([]);
    expect(kinds([{ ...line, amount: 900 }], [entry, correction('txn-1', -100)])).toEqual([]);
  });
  test('with another name, amount or currency explain nothing', () => {
    const open = [['missing-here', 'record-refund']];
    expect(kinds([byHand], [correction('txn-2', -300)])).toEqual(open);
    expect(kinds([byHand], [correction('txn-1', -299)])).toEqual(open);
    expect(kinds([byHand], [correction('txn-1', -300, 0, 'EUR')])).toEqual(open);
  });
  test('are never missing at the provider', () => {
    expect(kinds([], [correction('txn-1', -300)], { entries: new Set(['correction/txn-1/1']) })).toEqual([]);
  });
});

test('a fee that was told later than its dispute is the dispute’s', () => {
  const taken = { ...entry, about: 'dispute/dp-1', kind: 'dispute' as const, amount: -1_000, fee: 0 };
  const later = { ...entry, id: 'pay-1/8', about: 'fee/dp-1', kind: 'fee' as const, amount: 0, fee: 1_500 };
  const lines = [
    { ...taken, fee: 1_500, reference: 'txn-1' },
    { ...taken, amount: 1_000, reference: 'txn-2' },
  ];
  const won = { ...taken, id: 'pay-1/9', amount: 1_000 };
  const judgedAll = { entries: new Set(['pay-1/6', 'pay-1/8', 'pay-1/9']) };
  expect(kinds(lines, [taken, later, won], judgedAll)).toEqual([]);
  expect(kinds(lines, [taken, won], judgedAll)).toEqual([['fee-differs', 'post-fee']]);
});

describe('postings of the ledger', () => {
  test('a capture with its fee is one entry', () => {
    const fee = posting({ debit: 'gateway-fees', credit: 'gateway', amount: 29 });
    expect(entriesOf([posting({}), fee])).toEqual([entry]);
  });
  test('a correction names what it corrects', () => {
    const postings = [posting({ source: 'correction/txn_1', paymentId: undefined, sequence: 1, credit: 'suspense' })];
    expect(entriesOf(postings)).toMatchObject([{ id: 'correction/txn_1/1', corrects: 'txn_1', amount: 1_000 }]);
  });
  test.each([
    [{ debit: 'customer-clearing', credit: 'gateway', reference: 'r-1' }, 'refund', -1_000, 'refund/r-1'],
    [{ debit: 'disputes-held', credit: 'gateway', reference: 'dp-1' }, 'dispute', -1_000, 'dispute/dp-1'],
    [{ credit: 'disputes-held', reference: 'dp-1' }, 'dispute', 1_000, 'dispute/dp-1'],
    [{ debit: 'seller-transferred/s1', credit: 'gateway', reference: 't-1' }, 'transfer', -1_000, 'transfer/t-1'],
    [{ debit: 'bank', credit: 'gateway', reference: 'po-1' }, 'payout', -1_000, 'payout/po-1'],
    [{ credit: 'suspense', reference: 'c-1' }, 'other', 1_000, 'other/c-1'],
  ])('%j is a %s', (more, kind, amount, about) => {
    expect(entriesOf([posting(more)])).toMatchObject([{ kind, amount, about, fee: 0 }]);
  });
});

describe('what a provider’s line is about', () => {
  const told = { reference: 'txn', kind: 'charge', amount: 1_000, fee: 0, currency: 'USD', at } as const;
  const names = {
    payments: new Map([['pi_1', 'pay-1']]),
    calls: new Map([
      ['k1', { paymentId: 'pay-1' }],
      ['k2', { paymentId: 'pay-1', refundId: 'r-1' }],
    ]),
    open: new Set(['pay-1']),
  };
  test.each([
    [{ payment: 'pi_1' }, 'charge/pay-1', 'pay-1', true],
    [{ key: 'k1' }, 'charge/pay-1', 'pay-1', true],
    [{ payment: 'pi_2' }, undefined, undefined, false],
    [{ kind: 'refund', key: 'k2' }, 'refund/r-1', 'pay-1', true],
    [{ kind: 'refund', payment: 'pi_1' }, undefined, 'pay-1', true],
    [{ kind: 'dispute', source: 'dp_1' }, 'dispute/dp_1', undefined, false],
    [{ kind: 'transfer', key: 't-1' }, 'transfer/t-1', undefined, false],
  ] as const)('%j', (more, about, paymentId, isOpen) => {
    expect(lineOf({ ...told, ...more }, names)).toMatchObject({ about, paymentId, isOpen });
  });
});
