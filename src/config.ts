// The environment, checked once and completed: everything else takes its settings from here.
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { type Environment, fields } from './config-fields.ts';
import { makeFolder, readIfPresent, writePrivately } from './servers/files.ts';
import { StartupProblem } from './servers/problem.ts';
import { newSecret } from './servers/settings.ts';

type Camel<Text extends string> = Text extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<Text>;

type Completed = 'JWT_SECRET' | 'SANDBOX_WEBHOOK_SECRET' | 'DEMO_DATA' | 'NODE_ID' | 'PAYMENT_GATEWAY';
type Complete = Omit<Environment, Completed> & { [Name in Completed]-?: NonNullable<Environment[Name]> };

/** Durations in milliseconds, sizes in bytes. `PUBLIC_URL` becomes `publicUrl`, and so on. */
export type Config = { readonly [Name in keyof Complete as Camel<Name>]: Complete[Name] };

export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const { values, problems } = parse(env);
  const refused = [...problems.values(), ...broken(values, new Set(problems.keys()))];
  if (refused.length > 0) throw refusal(refused);
  return camelCased(complete(values as Environment));
}

/** Each setting by itself, so that one mistake does not hide the next. An empty value counts as none. */
function parse(env: NodeJS.ProcessEnv): { values: Values; problems: Map<string, string> } {
  const values: Record<string, unknown> = {};
  const problems = new Map<string, string>();
  for (const [name, field] of Object.entries(fields)) {
    const result = z.safeParse(field, env[name] || undefined);
    if (result.success) values[name] = result.data;
    else problems.set(name, `${name} ${result.error.issues[0]!.message}`);
  }
  return { values, problems };
}

type Values = Partial<Environment>;
type Rule = {
  setting: keyof Environment;
  of?: readonly Environment['NODE_ENV'][];
  breaks: (values: Values) => boolean;
  says: string;
};

const demanding = ['staging', 'production'] as const;
const production = ['production'] as const;

/** Who takes the money, where nothing else is said. */
const usualGateway = ({ PAYMENT_GATEWAY, STRIPE_SECRET_KEY, RAZORPAY_KEY_ID }: Values) => {
  if (PAYMENT_GATEWAY) return PAYMENT_GATEWAY;
  if (STRIPE_SECRET_KEY) return 'stripe';
  return RAZORPAY_KEY_ID ? 'razorpay' : 'sandbox';
};
/** Gateways that there are keys for; in production the sandbox is none. */
const installed = (values: Values): readonly string[] => [
  ...(values.NODE_ENV === 'production' ? [] : ['sandbox']),
  ...(values.STRIPE_SECRET_KEY ? ['stripe'] : []),
  ...(values.RAZORPAY_KEY_ID ? ['razorpay'] : []),
];
const overHttp = (url: string | undefined): boolean => url?.startsWith('http:') === true;

const strongSecret = (setting: 'JWT_SECRET' | 'SANDBOX_WEBHOOK_SECRET', of: Rule['of'] = demanding): Rule[] => [
  { setting, of, breaks: (values) => values[setting] === undefined, says: 'is required' },
  { setting, of, breaks: (values) => isWeak(values[setting]), says: 'is weak or a known example' },
];

/** What comes along is looked after by nobody, and may lag behind its security releases. */
const ownServer = (setting: 'DATABASE_URL' | 'NATS_URL', server: string): Rule[] => [
  {
    setting,
    of: production,
    breaks: (values) => values[setting] === undefined,
    says: `is required: the ${server} that comes along is for trying out`,
  },
];

/** What is fine by itself and wrong together. */
const rules: readonly Rule[] = [
  ...strongSecret('JWT_SECRET'),
  ...strongSecret('SANDBOX_WEBHOOK_SECRET', ['staging']),
  ...ownServer('DATABASE_URL', 'Postgres'),
  ...ownServer('NATS_URL', 'nats-server'),
  {
    setting: 'PAYMENT_GATEWAY',
    of: production,
    breaks: (values) => usualGateway(values) === 'sandbox',
    says: 'must not be sandbox: it takes no money',
  },
  {
    setting: 'PAYMENT_GATEWAY',
    breaks: (values) => usualGateway(values) !== 'sandbox' && !installed(values).includes(usualGateway(values)),
    says: 'names one that there are no keys for',
  },
  {
    setting: 'PAYMENT_ROUTES',
    breaks: (values) =>
      values.PAYMENT_ROUTES?.some(({ gateways }) => gateways.some((name) => !installed(values).includes(name))) ??
      false,
    says: 'name one that there are no keys for',
  },
  {
    setting: 'STRIPE_SECRET_KEY',
    of: production,
    breaks: (values) => /^.k_test_/.test(values.STRIPE_SECRET_KEY ?? ''),
    says: 'must not be a test key: it takes no money',
  },
  {
    setting: 'STRIPE_WEBHOOK_SECRETS',
    of: demanding,
    breaks: (values) => values.STRIPE_SECRET_KEY !== undefined && values.STRIPE_WEBHOOK_SECRETS?.length === 0,
    says: 'are required: without them no notice of Stripe can be believed',
  },
  {
    setting: 'STRIPE_API_URL',
    of: production,
    breaks: (values) => overHttp(values.STRIPE_API_URL),
    says: 'must be https',
  },
  {
    setting: 'RAZORPAY_KEY_ID',
    of: production,
    breaks: (values) => /^rzp_test_/.test(values.RAZORPAY_KEY_ID ?? ''),
    says: 'must not be a test key: it takes no money',
  },
  {
    setting: 'RAZORPAY_KEY_SECRET',
    breaks: (values) => (values.RAZORPAY_KEY_ID === undefined) !== (values.RAZORPAY_KEY_SECRET === undefined),
    says: 'and RAZORPAY_KEY_ID belong together',
  },
  {
    setting: 'RAZORPAY_WEBHOOK_SECRETS',
    of: demanding,
    breaks: (values) => values.RAZORPAY_KEY_ID !== undefined && values.RAZORPAY_WEBHOOK_SECRETS?.length === 0,
    says: 'are required: without them no notice of Razorpay can be believed',
  },
  {
    setting: 'RAZORPAY_API_URL',
    of: production,
    breaks: (values) => overHttp(values.RAZORPAY_API_URL),
    says: 'must be https',
  },
  {
    setting: 'SMTP_URL',
    of: production,
    breaks: (values) => values.SMTP_URL === undefined,
    says: 'is required: without it operators read the links that open accounts',
  },
  {
    setting: 'DEMO_DATA',
    of: production,
    breaks: (values) => values.DEMO_DATA === true,
    says: 'must be off: everybody knows the passwords of the demo accounts',
  },
  {
    setting: 'DEBUG',
    of: production,
    breaks: (values) => values.DEBUG === true,
    says: 'must be off: it shows internals',
  },
  {
    setting: 'OPS_PORT',
    breaks: ({ PORT, OPS_PORT }) => PORT !== 0 && PORT === OPS_PORT,
    says: 'must differ from PORT',
  },
  {
    setting: 'RESERVATION_TTL',
    breaks: (values) => (values.RESERVATION_TTL ?? Infinity) <= (values.CHECKOUT_DEADLINE ?? 0),
    says: 'must be longer than CHECKOUT_DEADLINE',
  },
];

const KNOWN_EXAMPLE = /change.?me|example|secret|password|tradewind|default|development|test/i;

/** A generated key of 32 characters has about 25 different ones. */
const isWeak = (secret: string | undefined): boolean =>
  secret !== undefined && (KNOWN_EXAMPLE.test(secret) || new Set(secret).size < 12);

/** A setting that failed its own check is not blamed twice. */
const broken = (values: Values, failed: ReadonlySet<string>): string[] =>
  rules
    .filter(({ setting, of }) => !failed.has(setting) && (of === undefined || of.includes(values.NODE_ENV!)))
    .filter(({ breaks }) => breaks(values))
    .map(({ setting, of, says }) => `${setting} ${says}${of === undefined ? '' : ` (NODE_ENV is ${values.NODE_ENV})`}`);

const refusal = (problems: string[]) =>
  new StartupProblem(
    `The configuration is refused:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    'docs/configuration.md describes every setting, and so does `npm run config`.',
  );

function complete(values: Environment): Complete {
  const isLocal = values.NODE_ENV === 'development' || values.NODE_ENV === 'test';
  const secrets = isLocal ? keptSecrets(values.TRADEWIND_DATA) : undefined;
  return {
    ...values,
    TRADEWIND_DATA: resolve(values.TRADEWIND_DATA),
    // Outside development and test the rules above demand the secrets that are used.
    JWT_SECRET: values.JWT_SECRET ?? secrets?.JWT_SECRET ?? newSecret(),
    SANDBOX_WEBHOOK_SECRET: values.SANDBOX_WEBHOOK_SECRET ?? secrets?.SANDBOX_WEBHOOK_SECRET ?? newSecret(),
    PAYMENT_GATEWAY: usualGateway(values),
    DEMO_DATA: values.DEMO_DATA ?? values.NODE_ENV === 'development',
    NODE_ID: values.NODE_ID ?? nodeIdOf(values.TRADEWIND_DATA),
  };
}

/** The same after a restart, so that a node takes its own leases back at once; another data folder is another node. */
const nodeIdOf = (dataDir: string): string =>
  `${hostname()}-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 8)}`;

const KeptSecrets = z.object({ JWT_SECRET: z.string().min(32), SANDBOX_WEBHOOK_SECRET: z.string().min(32) });
type KeptSecrets = z.output<typeof KeptSecrets>;

/** Kept, so that a restart does not log everybody out. */
function keptSecrets(dataDir: string): KeptSecrets {
  const path = join(resolve(dataDir), 'secrets.json');
  return readSecrets(readIfPresent(path)) ?? writeSecrets(path);
}

function readSecrets(text: string | undefined): KeptSecrets | undefined {
  try {
    return text === undefined ? undefined : KeptSecrets.parse(JSON.parse(text));
  } catch {
    return undefined; // Damaged: everybody logs in again, no more.
  }
}

function writeSecrets(path: string): KeptSecrets {
  const secrets = { JWT_SECRET: newSecret(), SANDBOX_WEBHOOK_SECRET: newSecret() };
  makeFolder(dirname(path));
  writePrivately(path, `${JSON.stringify(secrets)}\n`);
  return secrets;
}

const camel = (name: string): string =>
  name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

const camelCased = (values: Complete): Config =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [camel(name), value])) as Config;
