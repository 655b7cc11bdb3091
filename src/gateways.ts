/** The payment providers of this installation: whoever there are keys for, and the sandbox everywhere but in production. */
import { Gateways } from '../actors/gateways.ts';
import type { Gateway, NoticeReader } from '../actors/ports/gateway.ts';
import type { Registry } from '../actors/registry.ts';
import { razorpayGateway } from '../adapters/razorpay/gateway.ts';
import { razorpayNotices } from '../adapters/razorpay/notices.ts';
import { Books } from '../adapters/sandbox/books.ts';
import { SandboxGateway } from '../adapters/sandbox/gateway.ts';
import { noticeReader, WebhookSender } from '../adapters/sandbox/webhooks.ts';
import { stripeGateway } from '../adapters/stripe/gateway.ts';
import { stripeNotices } from '../adapters/stripe/notices.ts';
import type { GatewayRoute } from '../domains/payments/routing.ts';
import type { Config } from './config.ts';

interface Installed {
  readonly gateway: Gateway;
  readonly reader: NoticeReader;
  /** What clients open the provider's library with. */
  readonly publicKey?: string;
}

export interface GatewaysSetting {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly registry: Registry;
  /** Where the sandbox provider sends its webhooks; undefined until the edge listens. */
  readonly webhookTarget: () => string | undefined;
  /** Where buyers answer the sandbox provider's challenges. */
  readonly challengeUrl: (reference: string) => string;
  /** Where buyers come back to from a bank, when their client names nothing. */
  readonly returnUrl: () => string;
}

const openSandbox = ({ config, databaseUrl, webhookTarget, challengeUrl }: GatewaysSetting) => {
  const books = new Books(databaseUrl, config.databaseAppRole);
  const secret = config.sandboxWebhookSecret;
  const webhooks = new WebhookSender({ books, secret, target: webhookTarget });
  const gateway = new SandboxGateway({ books, webhooks, challengeUrl });
  const stop = async () => {
    await webhooks.stop();
    await books.close();
  };
  return { gateway, reader: noticeReader([secret]), resume: () => webhooks.resume(), stop };
};

const openStripe = ({ config, returnUrl }: GatewaysSetting): Installed | undefined => {
  const { stripeSecretKey: secretKey, stripeApiUrl: url, stripeWebhookSecrets, stripePublishableKey } = config;
  if (secretKey === undefined) return undefined;
  const gateway = stripeGateway({ secretKey, url, returnUrl });
  return { gateway, reader: stripeNotices(stripeWebhookSecrets), publicKey: stripePublishableKey };
};

const openRazorpay = ({ config }: GatewaysSetting): Installed | undefined => {
  const { razorpayKeyId: keyId, razorpayKeySecret: keySecret, razorpayApiUrl: url } = config;
  if (keyId === undefined || keySecret === undefined) return undefined;
  const gateway = razorpayGateway({ keyId, keySecret, url, payWithin: config.checkoutDeadline });
  return { gateway, reader: razorpayNotices(config.razorpayWebhookSecrets), publicKey: keyId };
};

/** Rupees go to Razorpay where it is installed; what the configuration says goes first. */
const routesOf = ({ paymentRoutes, paymentGateway }: Config, names: readonly string[]): readonly GatewayRoute[] => {
  const rupees = {
    currency: 'INR',
    gateways: names.includes('razorpay') ? ['razorpay', paymentGateway] : [paymentGateway],
  };
  return [...paymentRoutes, rupees, { gateways: [paymentGateway] }];
};

export const openGateways = (setting: GatewaysSetting) => {
  const { config, registry } = setting;
  const sandbox = config.nodeEnv === 'production' ? undefined : openSandbox(setting);
  const installed = [sandbox, openStripe(setting), openRazorpay(setting)].filter((one) => one !== undefined);
  const names = installed.map(({ gateway }) => gateway.name);
  return {
    sandbox,
    installed: installed as readonly Installed[],
    publicKeys: Object.fromEntries((installed as readonly Installed[]).map((one) => [one.gateway.name, one.publicKey])),
    gateways: new Gateways(
      installed.map(({ gateway }) => gateway),
      { routes: routesOf(config, names), usual: config.paymentGateway, registry },
    ),
  };
};
