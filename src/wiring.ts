/** Puts everything together: engine, contexts, flows, outcalls, consumers, edge. The only place that knows all of them. */

import type { Registry } from 'prom-client';
import type { Passwords } from '../actors/ports/identity.ts';
import { passwords } from '../adapters/crypto/passwords.ts';
import { accessTokens, refreshTokens, ticketTokens } from '../adapters/crypto/tokens.ts';
import type { Admission } from '../adapters/http/admission.ts';
import { apiRoutes } from '../adapters/http/api.ts';
import { createApp } from '../adapters/http/app.ts';
import { authenticator } from '../adapters/http/auth.ts';
import { gateOf } from '../adapters/http/gate.ts';
import { limitsOf } from '../adapters/http/limits.ts';
import { listen } from '../adapters/http/listen.ts';
import { admissionMetrics, httpMetrics, opsListener } from '../adapters/http/ops-listener.ts';
import { openBroker } from '../adapters/nats/connection.ts';
import { NatsEventStream } from '../adapters/nats/event-stream.ts';
import { auditTrail } from '../adapters/postgres/audit.ts';
import { postgresCounters } from '../adapters/postgres/counters.ts';
import { isAway } from '../adapters/postgres/database.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import type { Config } from './config.ts';
import { contextNames } from './contexts.ts';
import { type Core, startCore } from './core.ts';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './demo-data.ts';
import { createLog, logTree } from './log.ts';
import { createMetrics } from './metrics.ts';
import { operations } from './operations.ts';
import type { StartApp } from './run.ts';
import { seed } from './seed.ts';
import { StartupProblem } from './servers/problem.ts';

const DRAIN_GRACE = 10_000;

export const startApp: StartApp = async ({ config, databaseUrl, natsUrl }) => {
  const log = createLog(config.logLevel, config.nodeId);
  await migrate(databaseUrl, config.databaseAppRole);
  const broker = await openBroker({
    url: natsUrl,
    contexts: contextNames,
    name: config.nodeId,
    namespace: config.natsNamespace,
  });
  const stream = new NatsEventStream(broker);
  /** Known once we listen: PORT may leave the choice to the system. */
  let port: number | undefined;
  const publicUrl = () => config.publicUrl ?? `http://localhost:${port}`;
  const mailTokens = ticketTokens(config.jwtSecret);
  const core = await startCore({
    config,
    databaseUrl,
    stream,
    publicUrl,
    tokens: mailTokens,
    webhookTarget: () => (port === undefined ? undefined : `http://${reachable(config.host)}:${port}/webhooks/sandbox`),
    challengeUrl: (reference) => `${publicUrl()}/sandbox/3ds/${reference}`,
    returnUrl: () => config.shopUrl ?? publicUrl(),
  });
  logTree(core.engine.registry, log);
  const metrics = createMetrics(core.engine.registry);

  const now = () => Date.parse(core.engine.clock.now());
  const tokens = accessTokens({ secret: config.jwtSecret, lifetime: config.accessTokenTtl / 1000, now });
  const hashing = passwords();
  const stopping = new AbortController();
  const routes = apiRoutes({
    ...core.ports,
    operations: operations(core, stream),
    passwords: hashing,
    accessTokens: tokens,
    refreshTokens: refreshTokens(config.jwtSecret),
    ticketTokens: mailTokens,
    sessionLifetime: config.refreshTokenTtl / 1000,
    imageHosts: config.imageHosts,
    importLimit: config.importLimit,
    payWithin: config.checkoutDeadline,
    holdBeyond: config.reservationTtl - config.checkoutDeadline,
    checks: [
      { name: 'postgres', check: () => core.engine.database.query('select 1') },
      // Orders are taken and finished without the broker: what it would have brought is read from the log.
      { name: 'nats', optional: true, check: async () => !broker.connection.isClosed() && broker.connection.rtt() },
      { name: 'shard', check: async () => core.engine.held() },
    ],
    stopping: stopping.signal,
  });
  const app = createApp(routes, {
    authenticate: authenticator(tokens, core.revocations, now),
    admission: admissionOf(config, core, metrics),
    limits: { bytes: config.bodyLimit, depth: 40 },
    mostWait: 30,
    commandTimeout: 10_000,
    stopping: stopping.signal,
    views: core.heads,
    stateOf: (views) => (core.engine.held() ? views.map(core.consumers.state).join() : undefined),
    audit: auditTrail(core.engine.database, (error, outcome) =>
      log.error({ err: error, outcome }, 'the outcome of a change was not put on record'),
    ),
    log,
    // Looking for secrets in it takes longer than writing it.
    requestLog: log.child({}, { redact: [] }),
    origins: {
      catalogue: config.corsPublicOrigins,
      shop: config.corsOrigins,
      backOffice: config.corsBackOfficeOrigins,
    },
    proxies: config.trustedProxies,
    isAway,
    debug: config.debug,
    observe: httpMetrics(metrics),
  });
  const { host, requestTimeout, headersTimeout } = config;
  const unhurried = new Set(routes.filter(({ stream }) => stream).map(({ path }) => path));
  const limits = { requestTimeout, headersTimeout, unhurried };
  const http = await listen(app.callback(), { host, port: config.port, ...limits });
  const ops = await opsListener(metrics, { host: config.opsHost, port: config.opsPort });
  port = http.port;
  await core.resume();
  if (config.demoData) await seedDemo(core, hashing);
  log.info({ port: http.port, opsPort: ops.port }, 'serving');

  const stop = async () => {
    stopping.abort();
    await http.close(DRAIN_GRACE);
    await core.stop();
    await ops.close(1_000);
    await broker.close();
  };
  return {
    url: `http://localhost:${http.port}`,
    failed: displaced(core),
    places: [['Metrics', `http://localhost:${ops.port}/metrics`], ...(config.demoData ? DEMO_PLACES : [])],
    stop,
  };
};

/** Limits counted together with all other nodes, and places in flight on this one. */
const admissionOf = (config: Config, core: Core, metrics: Registry): Admission => {
  const { maxInFlight: most, maxInFlightPerAddress: mostPerAddress, rateLimits } = config;
  const [requests, streams] = [gateOf({ most, mostPerAddress }), gateOf({ most, mostPerAddress })];
  const limits = rateLimits && limitsOf(postgresCounters(core.engine.database), rateLimits);
  return { requests, streams, limits, count: admissionMetrics(metrics, { requests, streams }) };
};

const DEMO_PLACES = [
  ['Demo accounts', `${DEMO_ACCOUNTS.map(({ email }) => email).join(', ')} (password ${DEMO_PASSWORD})`],
] as const;

/** Seeds an empty installation, and waits until the catalogue shows it. */
const seedDemo = async ({ ports, heads, engine }: Core, hashing: Passwords): Promise<void> => {
  const { commander, users: directory, catalogue } = ports;
  if ((await seed({ commander, directory, catalogue, passwords: hashing })) !== 'seeded') return;
  const { products, inventory } = await engine.log.heads();
  await heads.reached({ products: products!.position, inventory: inventory!.position }, 5_000);
};

/** Another process with this node's name, or another node that found the lease over, holds the shard now. */
const displaced = ({ engine }: Core): Promise<StartupProblem> =>
  new Promise((resolve) => {
    engine.registry.changes.subscribe(({ change, path }) => {
      if (change !== 'fenced') return;
      resolve(new StartupProblem(`Another process took over ${path}.`, 'Give every node a NODE_ID of its own.'));
    });
  });

/** Where this process itself reaches what listens on `host`. */
const reachable = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
};
