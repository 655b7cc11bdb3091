/** Shapes that several contexts show on the wire. Names there are in snake_case; amounts have their currency beside them. */
import { z } from 'zod';
import type { Role } from '../../contracts/accounts.ts';
import { Amount, Currency, Id } from '../../contracts/common.ts';

export const ById = z.object({ id: Id });
export const Instant = z.iso.datetime();
/** Of today, as far as the runtime knows them: three letters that are no currency are a slip of the finger. */
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
export const KnownCurrency = Currency.refine((code) => CURRENCIES.has(code), 'not a currency of ISO 4217');
export const MoneyShape = z.object({ amount: Amount, currency: Currency });
export const money = (amount: number, currency: string) => ({ amount, currency });

const FieldErrorShape = z.object({ field: z.string(), code: z.string(), message: z.string() });
/** Every problem; `problemBody` writes them. */
export const ProblemShape = z
  .looseObject({
    type: z.string().describe('urn:tradewind:problem:<code>'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    success: z.literal(false),
    error: z.string(),
    code: z.string().describe('stable; branch on it'),
    errors: z.array(FieldErrorShape).optional(),
    details: z.record(z.string(), z.unknown()).optional().describe('the facts, such as the stock that is left'),
    reason: z.string().optional().describe('of a 503, such as overloaded'),
    request_id: z.string(),
  })
  .meta({ id: 'Problem' });

type Caller = { readonly userId: string; readonly roles: readonly Role[] };
export const is = (who: Caller | undefined, ...roles: readonly Role[]): boolean =>
  who?.roles.some((role) => roles.includes(role)) ?? false;
/** The caller is one of `owners`, or has one of `roles`. */
export const concerns = (who: Caller, owners: readonly (string | undefined)[], ...roles: readonly Role[]): boolean =>
  owners.includes(who.userId) || is(who, ...roles);
/** Who acts, and as the seller of what; an admin acts on everybody's. The aggregate itself checks it. */
export const byWhom = (who: Caller) => ({ by: who.userId, asSeller: is(who, 'admin') ? undefined : who.userId });

/** An id made of the command's: the same request is the same thing, however often it comes. 144 bits of a SHA-256. */
export const idFrom = (prefix: string, commandId: string): string => `${prefix}-${commandId.slice(0, 24)}`;
