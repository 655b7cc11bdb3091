/** What every contract is made of: value shapes, and the maker of message catalogues. */
import { z } from 'zod';

/** `0000` is a year to ISO 8601, but not to a database; an offset can lead out of four digits. */
const isOfOurYears = (text: string): boolean => {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9_999;
};
/** A moment as canonical ISO 8601 in UTC with milliseconds; two of them compare as strings. */
export const Instant = z.iso
  .datetime({ offset: true })
  .refine(isOfOurYears, 'in UTC a year from 0001 to 9999')
  .transform((text) => new Date(text).toISOString());
export const Id = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[A-Za-z0-9._~@/-]+$/, 'letters, digits and . _ ~ @ / - only');
export const Sku = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits and . _ - only');
export const Currency = z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as USD');
/** Minor units of the currency, as an integer: 1999 is 19.99 USD, 1999 JPY or 1.999 KWD. */
export const Amount = z.int().min(-1e15).max(1e15);
export const Money = z.object({ amount: Amount, currency: Currency });
export const Quantity = z.int().min(1).max(1_000_000);
export const Text = (max: number) => z.string().trim().min(1).max(max);

export type Instant = string;
export type Id = string;
export type Sku = string;
export type Currency = string;
export type Money = { readonly amount: number; readonly currency: Currency };

/** A catalogue of messages: name -> payload schema. The message is the payload plus `type`, the name. */
export type Catalogue = Readonly<Record<string, z.ZodObject>>;
type Flat<T> = { readonly [K in keyof T]: T[K] };
/** An empty payload is inferred with an index signature of `never`, which no `type` could satisfy. */
type Payload<S extends z.ZodObject> = string extends keyof z.infer<S> ? unknown : z.infer<S>;
/** The union of all messages of a catalogue, told apart by `type`. */
export type MessageOf<C extends Catalogue> = { [K in keyof C & string]: Flat<{ type: K } & Payload<C[K]>> }[keyof C &
  string];

/** The name of an event on the wire: `StockReserved` of `inventory` is `inventory.stock-reserved.v1`. */
export const wireType = (context: string, name: string, version = 1): string =>
  `${context}.${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}.v${version}`;

/** What one context says and hears. `rejections` are refusals by rule: values, never exceptions. */
export interface ContextContract {
  readonly context: string;
  readonly commands: Catalogue;
  readonly events: Catalogue;
  readonly rejections: Catalogue;
}

/** The schema of one message with its `type`, as validated at the boundary. */
export const messageSchema = (catalogue: Catalogue, name: string) => catalogue[name]?.extend({ type: z.literal(name) });
