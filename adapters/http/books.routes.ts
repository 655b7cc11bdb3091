/** The books: balances and entries by account, what a seller is owed, and corrections. Every figure is a sum of entries. */
import { z } from 'zod';
import type { BooksReader, Chart, Dated } from '../../actors/ports/books.ts';
import type { Commander } from '../../actors/ports/commander.ts';
import type { CorrectionCommand } from '../../contracts/books.ts';
import { Amount, Currency, Instant as GivenInstant, Id, Text } from '../../contracts/common.ts';
import { EntryShape, showEntry } from './ledger.shapes.ts';
import { listed, pageFields, sliceOf } from './preferences.ts';
import { notFound } from './problems.ts';
import { replyTo } from './rejections.ts';
import { ok, type Route, route } from './routes.ts';
import { ById, concerns, idFrom, MoneyShape, money } from './shapes.ts';

export interface BooksPorts {
  readonly commander: Commander;
  readonly books: BooksReader;
  readonly chart: Chart;
}

const tags = ['ledger'];
const office = ['operator', 'admin'] as const;

const Moment = {
  as_of: GivenInstant.optional().describe('as the books stood then; default: now'),
  by: z.enum(['booked', 'effective']).default('booked').describe('when we knew of it, or when it counts'),
};
const datedBy = ({ as_of, by }: { as_of?: string; by: Dated['by'] }): Dated => ({ asOf: as_of, by });

const AccountShape = z.object({
  account: z.string(),
  kind: z.enum(['asset', 'liability', 'income', 'expense']),
  says: z.string(),
  debits: MoneyShape,
  credits: MoneyShape,
  balance: MoneyShape.describe('debits less credits'),
});

const accounts = ({ books, chart }: BooksPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/ledger/accounts',
    summary: 'Balances by account and currency, now or as of a moment',
    tags,
    roles: office,
    limit: 'read',
    query: z.object(Moment),
    responses: { 200: { description: 'By account', data: z.array(AccountShape) } },
    handle: async ({ query }) =>
      ok(
        (await books.balances(datedBy(query))).map(({ account, currency, debits, credits, balance }) => {
          const { kind, says } = chart(account)!;
          const of = (amount: number) => money(amount, currency);
          return { account, kind, says, debits: of(debits), credits: of(credits), balance: of(balance) };
        }),
      ),
  });

const entries = ({ books, chart }: BooksPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/ledger/accounts/{account}/entries',
    summary: 'The entries of an account; the slash in its name is sent as %2F',
    tags,
    roles: office,
    limit: 'read',
    params: z.object({ account: z.string().min(1).max(160) }),
    query: z.object({ ...pageFields, ...Moment }),
    responses: { 200: { description: 'Entries, newest first', data: z.array(EntryShape), paged: true } },
    handle: async ({ params, query }) => {
      if (!chart(params.account)) return notFound('account');
      const slice = sliceOf(query);
      return listed(await books.entries(params.account, datedBy(query), slice), slice, showEntry);
    },
  });

const SellerShape = z.object({
  currency: Currency,
  pending: MoneyShape.describe('sold, not delivered yet'),
  available: MoneyShape.describe('earned, not in a payout yet; below zero: carried into the next one'),
  in_payout: MoneyShape.describe('in a payout that the provider has not confirmed'),
});

const ofSeller = ({ books }: BooksPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/sellers/{id}/balance',
    summary: 'What a seller is owed; for that seller and admins',
    tags,
    roles: ['seller', 'admin'],
    limit: 'read',
    params: ById,
    owner: ({ params, principal }) => concerns(principal, [params.id], 'admin'),
    responses: { 200: { description: 'By currency', data: z.array(SellerShape) } },
    handle: async ({ params }) =>
      ok(
        (await books.seller(params.id)).map(({ currency, pending, available, inPayout }) => ({
          currency,
          pending: money(pending, currency),
          available: money(available, currency),
          in_payout: money(inPayout, currency),
        })),
      ),
  });

const Correction = z.object({
  correction_id: Id.optional().describe('made of what it corrects, so that the same thing is corrected once'),
  reason: Text(200),
  debit: z.string().min(1).max(160),
  credit: z.string().min(1).max(160),
  amount: Amount.min(1),
  currency: Currency,
  payment_id: Id.optional(),
  effective_at: GivenInstant.optional(),
});

const correct = ({ commander }: BooksPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/ledger/corrections',
    summary: 'Post what no payment books by itself; never changed, only set right by another one',
    tags,
    roles: ['admin'],
    limit: 'write',
    body: Correction,
    responses: { 201: { description: 'Posted', data: z.object({ correction_id: Id }) } },
    handle: async ({ body, principal, commandId, meta }) => {
      const { correction_id: id = idFrom('cor', commandId), payment_id: paymentId, effective_at, ...posting } = body;
      const about = { ...posting, paymentId, effective: effective_at, by: principal.userId };
      const command: CorrectionCommand = { type: 'CorrectBooks', ...about };
      const answer = await commander.ask('correction', id, command, meta());
      return replyTo(answer, () => ({ status: 201, data: { correction_id: id }, message: 'posted' }));
    },
  });

export const booksRoutes = (ports: BooksPorts): readonly Route[] => [
  accounts(ports),
  entries(ports),
  ofSeller(ports),
  correct(ports),
];
