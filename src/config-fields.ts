// Every setting, once: its check, its default and what it means. docs/configuration.md is generated from here.
import * as z from 'zod';
import { networks } from '../adapters/http/address.ts';
import { LIMIT_NAMES, type Overrides } from '../adapters/http/limits.ts';
import { paymentFields } from './config-fields.payments.ts';
import { list, urlOf } from './config-kinds.ts';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const UNIT_BYTES = { b: 1, kb: 1_024, mb: 1_048_576 } as const;

/** `15m` and the like, as a number of the smallest unit. */
const quantity = (units: Readonly<Record<string, number>>, example: string) => {
  const pattern = new RegExp(`^(\\d+)\\s*(${Object.keys(units).join('|')})$`, 'i');
  return z
    .string()
    .regex(pattern, `must be a number with a unit (${Object.keys(units).join(', ')}), such as ${example}`)
    .transform((text) => {
      const [, amount = '', unit = ''] = pattern.exec(text)!;
      return Number(amount) * units[unit.toLowerCase()]!;
    });
};

const duration = () => quantity(UNIT_MS, '15m');
const bytes = () => quantity(UNIT_BYTES, '256kb');
const port = () => z.coerce.number('must be a port number').int().min(0).max(65_535);
const flag = () => z.stringbool({ error: 'must be true or false' });
/** HS256 is as strong as its key: 32 characters, and not the same few over and over. */
const secret = () => z.string().min(32, 'must have 32 characters or more (openssl rand -base64 32)');

const natsUrls = z.string().refine((text) => text.split(',').every((url) => /^(nats|tls):\/\/\S+$/.test(url.trim())), {
  error: 'must be nats://user:password@host:4222, several separated by commas',
});

/** `10.0.0.0/8,fd00::1`: addresses and networks. */
const proxies = list.refine(
  (names) => {
    try {
      return networks(names) !== undefined;
    } catch {
      return false;
    }
  },
  { error: 'must be addresses or networks such as 10.0.0.0/8, separated by commas' },
);

const RATE = /^([a-z-]+\.(?:user|address))=([1-9]\d{0,8})\/([1-9]\d{0,4})s$/;
/** `purchase.user=20/60s,auth.address=100/60s` -> what replaces the defaults; `off` -> undefined. */
const rateLimits = z.string().transform((text, context): Overrides | undefined => {
  if (text.trim() === 'off') return undefined;
  const parts = text.split(',').map((part) => part.trim());
  const rates = parts.filter(Boolean).map((part) => RATE.exec(part));
  if (rates.every((rate) => rate !== null && LIMIT_NAMES.includes(rate[1]!)))
    return Object.fromEntries(rates.map((rate) => [rate![1]!, { most: Number(rate![2]), seconds: Number(rate![3]) }]));
  const known = LIMIT_NAMES.join(', ');
  context.addIssue({ code: 'custom', message: `must be off, or a list such as purchase.user=20/60s, of: ${known}` });
  return z.NEVER;
});

const ALLOWED = /^([A-Z]{3})=(\d{1,15})$/;
/** `USD=2000,JPY=3000` -> minor units by currency. */
const amounts = list.transform((parts, context): Readonly<Record<string, number>> => {
  const parsed = parts.map((part) => ALLOWED.exec(part));
  if (parsed.every((part) => part !== null))
    return Object.fromEntries(parsed.map(([, currency, amount]) => [currency!, Number(amount)]));
  context.addIssue({ code: 'custom', message: 'must be amounts in minor units such as USD=2000,JPY=3000' });
  return z.NEVER;
});

const count = (most: number) => z.coerce.number('must be a number').int().min(1).max(most);

export const fields = {
  NODE_ENV: z
    .enum(['development', 'test', 'staging', 'production'], 'must be development, test, staging or production')
    .default('development')
    .describe('The profile. Staging and production demand secrets; production refuses everything made for trying out.'),
  PORT: port().prefault('3000').describe('Port of the public API. 0 takes any free one.'),
  HOST: z.string().default('127.0.0.1').describe('Address that the public API listens on. In a container: 0.0.0.0.'),
  OPS_PORT: port()
    .prefault('3001')
    .describe('Port of the operators’ listener (/metrics), never the public one. 0 takes any free one.'),
  OPS_HOST: z.string().default('127.0.0.1').describe('Address that the operators’ listener listens on.'),
  DATABASE_URL: urlOf('postgres', 'postgresql')
    .optional()
    .describe('Postgres to use, as the owner of the schema. Left out, one of our own is started on loopback.'),
  DATABASE_APP_ROLE: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a plain Postgres role name')
    .default('tradewind_app')
    .describe('Role that the application works as: it owns no tables and may not change money tables.'),
  NATS_URL: natsUrls
    .optional()
    .describe('NATS with JetStream to use. Left out, a nats-server of our own is started on loopback.'),
  NATS_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be letters, digits, _ and -')
    .optional()
    .describe('Prefix of streams and subjects, for several installations on one broker.'),
  NATS_SERVER_BIN: z
    .string()
    .optional()
    .describe('The nats-server program to start. Left out, it is looked for, then fetched.'),
  TRADEWIND_DATA: z
    .string()
    .default('.tradewind')
    .describe('Folder for the data of our own servers, generated secrets and downloads. One run at a time.'),
  JWT_SECRET: secret()
    .optional()
    .describe(
      'Signs access tokens. Generated and kept in the data folder in development and test, required otherwise.',
    ),
  ACCESS_TOKEN_TTL: duration().prefault('1h').describe('Life of an access token.'),
  REFRESH_TOKEN_TTL: duration().prefault('30d').describe('Life of a refresh token; each use replaces it.'),
  ...paymentFields,
  SANDBOX_WEBHOOK_SECRET: secret()
    .optional()
    .describe('Signs the sandbox gateway’s webhooks. Generated like JWT_SECRET.'),
  SMTP_URL: urlOf('smtp', 'smtps')
    .optional()
    .describe(
      'Server that takes our mails: smtp://user:password@host:587. Left out, they are kept in a table that operators read; production refuses that, for the links in them open accounts.',
    ),
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$/, 'must be such as Tradewind <no-reply@shop.example>')
    .default('Tradewind <no-reply@localhost>')
    .describe('Sender of our mails.'),
  SHOP_URL: urlOf('http', 'https')
    .optional()
    .describe('Where the links in mails lead: pages of the shop that take the token. Default: PUBLIC_URL.'),
  PUBLIC_URL: urlOf('http', 'https')
    .optional()
    .describe('Where the world reaches the API, for links. Default: http://localhost and the port.'),
  CORS_ORIGINS: list
    .prefault('')
    .describe('Origins whose pages may do what customers do, separated by commas; * for all. Empty: none.'),
  CORS_PUBLIC_ORIGINS: list
    .prefault('*')
    .describe('Origins whose pages may read what is public, such as the catalogue, beside those of CORS_ORIGINS.'),
  CORS_BACK_OFFICE_ORIGINS: list
    .prefault('')
    .describe('Origins whose pages may also do what needs another role than customer.'),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info')
    .describe('Least severe message that is logged.'),
  DEMO_DATA: flag()
    .optional()
    .describe(
      'Seed a small catalogue and demo accounts with known passwords into an empty database. Default: true in development.',
    ),
  DEBUG: flag().prefault('false').describe('Show internal errors in answers. Never in production.'),
  NODE_ID: z
    .string()
    .min(1)
    .optional()
    .describe('Name of this node in leases and logs. Default: host name and a random part.'),
  BODY_LIMIT: bytes().prefault('256kb').describe('Largest request body.'),
  IMAGE_HOSTS: list
    .prefault('images.example.com')
    .describe(
      'Hosts that product images may lie on, separated by commas; *.example.com is every host below it, * every host.',
    ),
  IMPORT_LIMIT: bytes().prefault('256mb').describe('Largest file of an import.'),
  REFUND_WINDOW: duration().prefault('30d').describe('How long after the delivery buyers may ask for their money.'),
  REFUND_RETURN_WITHIN: duration()
    .prefault('30d')
    .describe('How long goods are waited for whose money is given back. Then the case is closed without them.'),
  REFUND_AUTO_APPROVE: amounts
    .prefault('')
    .describe(
      'What buyers get of one order without anybody being asked, in minor units: `USD=2000,JPY=3000`. Empty: nothing.',
    ),
  RECONCILIATION_EVERY: duration()
    .prefault('1h')
    .describe('How often payments are compared with orders and with what the providers say.'),
  RECONCILIATION_GRACE: duration()
    .prefault('15m')
    .describe('How long what is under way is left alone before it counts as missing at one side.'),
  CART_ABANDONED_AFTER: duration()
    .prefault('7d')
    .describe('How long nobody touches a cart until it counts as abandoned; of a guest’s nothing is kept then.'),
  IMPORT_RETENTION: duration().prefault('30d').describe('How long the report of an import is kept.'),
  PRODUCT_RETENTION: duration()
    .prefault('30d')
    .describe('How long a deleted product can be restored before it is purged.'),
  TRUSTED_PROXIES: proxies
    .prefault('')
    .describe(
      'Addresses and networks of proxies whose X-Forwarded-For is believed, separated by commas. Nobody else’s is. With any, browsers are told to insist on HTTPS.',
    ),
  RATE_LIMITS: rateLimits
    .prefault('')
    .describe(
      'Requests of one user or address, where it is not the default: `purchase.user=20/60s,auth.address=100/60s`; `off` for none. The classes and their defaults are in `adapters/http/limits.ts`.',
    ),
  MAX_IN_FLIGHT: count(1_000_000)
    .prefault('5000')
    .describe('Requests in flight, and open event streams, of this node. What comes beyond gets 503 at once.'),
  MAX_IN_FLIGHT_PER_ADDRESS: count(1_000_000)
    .prefault('2500')
    .describe('The same of one address. What comes beyond gets 429 at once.'),
  HEADERS_TIMEOUT: duration().prefault('10s').describe('How long a client may take to send the head of a request.'),
  REQUEST_TIMEOUT: duration()
    .prefault('30s')
    .describe('How long a client may take to send a whole request; files of imports may take longer while they move.'),
  RESERVATION_TTL: duration()
    .prefault('15m')
    .describe('How long stock is held for an unpaid checkout. Longer than CHECKOUT_DEADLINE.'),
  PAYMENT_PATIENCE: duration()
    .prefault('15s')
    .describe('How long an attempt has no result until its provider is asked how it stands, for want of a webhook.'),
  CHECKOUT_DEADLINE: duration()
    .prefault('10m')
    .describe('How long a buyer may take to pay before the checkout is given up.'),
};

export type Environment = { [Name in keyof typeof fields]: z.output<(typeof fields)[Name]> };
