/** One route as one middleware: who, what, which command; then the handler; then the reply. */
import type { Context, Middleware } from 'koa';
import type { AuditTrail } from '../../actors/ports/audit.ts';
import type { Meta } from '../../actors/ports/commander.ts';
import type { Principal } from '../../actors/ports/identity.ts';
import type { Views } from '../../actors/ports/readers.ts';
import { carriesCard } from '../../contracts/cards.ts';
import { type Admission, type Arrived, admitted, spend, streamed } from './admission.ts';
import { audited } from './audit.ts';
import { type Authenticate, refuses } from './auth.ts';
import { type BodyLimits, isJson, parseJson, readBytes } from './body.ts';
import { anonymous, exclusively, type Identity, identify } from './idempotency.ts';
import { type Inputs, parseInputs } from './inputs.ts';
import { Keeper, keptOf, type StateOf } from './kept.ts';
import { positionsOf, waitOf } from './preferences.ts';
import { isRefused, problem, type Refused } from './problems.ts';
import { needsKey, type Reply, type Request, type Route } from './routes.ts';
import { envelope } from './send.ts';

export interface Edge {
  readonly authenticate: Authenticate;
  readonly admission: Admission;
  readonly limits: BodyLimits;
  /** Seconds: the most that `Prefer: wait` gets. */
  readonly mostWait: number;
  /** Milliseconds that a command may take before its caller is told `unavailable`. */
  readonly commandTimeout: number;
  /** Aborted when the node begins to stop. */
  readonly stopping: AbortSignal;
  readonly views?: Views;
  /** Without it no answer is kept. */
  readonly stateOf?: StateOf;
  /** Where changes of the back office are put on record. */
  readonly audit?: AuditTrail;
  /** Sees every reply before it is sent; for tests that hold replies against their documentation. */
  readonly inspect?: (route: Route, reply: Reply) => void;
}
/** What the outer middleware notes about a request. */
export interface Noted extends Arrived {
  readonly requestId: string;
  readonly traceparent: string;
  /** The route's path, a small set of words: fit for a metric label. */
  route: string;
  userId?: string;
  /** Its answer is kept now. */
  keeps?: boolean;
  reply?: Reply;
}
export const notedOf = (ctx: Context): Noted => ctx.state as Noted;

interface Body {
  readonly bytes?: Buffer;
  readonly value: unknown;
}
const EMPTY: Body = { value: undefined };
const CARD = problem(
  'card_data_refused',
  'This looks like a card number. Send a token of the payment provider instead.',
);
const NOT_JSON = problem('unsupported_media_type', 'Send application/json in UTF-8.');

/** The body if the route takes one. An empty body is `undefined`; the schema says whether that will do. */
const bodyOf = async (route: Route, ctx: Context, limits: BodyLimits): Promise<Body | Refused> => {
  if (!route.body && !route.raw) return EMPTY;
  const bytes = await readBytes(ctx.req, limits);
  if (isRefused(bytes)) return bytes;
  if (!route.body) return { bytes, value: undefined };
  if (bytes.length === 0) return EMPTY;
  if (!isJson(ctx.req.headers['content-type'])) return NOT_JSON;
  const parsed = parseJson(bytes, limits);
  return isRefused(parsed) ? parsed : { bytes, value: parsed.value };
};

const identityOf = (route: Route, ctx: Context, principal: Principal | undefined, sent: Inputs): Identity | Refused =>
  needsKey(route)
    ? identify(
        ctx.req.headers['idempotency-key'],
        principal?.userId ?? 'anonymous',
        `${route.method} ${route.path} ${JSON.stringify(sent.params)}`,
        route.query ? { query: sent.query, body: sent.body } : sent.body,
      )
    : anonymous();

/** What the routes of one application share. */
export interface Shared {
  /** Ids of the commands that requests are waiting for on this node. */
  readonly running: Set<string>;
  /** Answers that are still true. */
  readonly keeper: Keeper;
  /** Of requests that asked for a signal and are not answered yet. */
  readonly open: Set<AbortController>;
}
/** Why a signal aborts. One for all: without a reason each gets an error of its own, with a stack trace. */
const OVER = new Error('the request is over');

export const sharedUntil = ({ stopping, stateOf }: Edge): Shared => {
  const shared: Shared = { running: new Set(), open: new Set(), keeper: new Keeper(stateOf) };
  const stop = () => {
    for (const one of shared.open) one.abort(OVER);
  };
  stopping.addEventListener('abort', stop, { once: true });
  return shared;
};

const whenClosed = (ctx: Context, then: () => void): void => {
  if (ctx.res.closed) then();
  else ctx.res.once('close', then);
};

/** Aborts when the client goes or the node stops, whichever comes first. Made only for handlers that ask. */
const signalOf = (ctx: Context, { open }: Shared, stopping: AbortSignal): AbortSignal => {
  const controller = new AbortController();
  open.add(controller);
  ctx.res.once('close', () => {
    open.delete(controller);
    controller.abort(OVER);
  });
  if (stopping.aborted || ctx.res.closed) controller.abort(OVER);
  return controller.signal;
};

const lastEventId = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header.length <= 200 ? header : undefined;

const requestOf = (
  route: Route,
  ctx: Context,
  edge: Edge,
  shared: Shared,
  who: Principal | undefined,
  inputs: Inputs,
  identity: Identity,
  rawBody: Buffer | undefined,
): Request => {
  const { requestId, traceparent } = notedOf(ctx);
  const { headers } = ctx.req;
  const meta = (step?: string): Meta => ({
    id: step ? `${identity.commandId}.${step}` : identity.commandId,
    principal: who?.userId,
    fingerprint: identity.fingerprint,
    correlationId: requestId,
    traceparent,
    timeout: edge.commandTimeout,
  });
  return {
    params: inputs.params,
    query: inputs.query,
    body: inputs.body,
    principal: who,
    commandId: identity.commandId,
    fingerprint: identity.fingerprint,
    wait: route.waits ? waitOf(headers.prefer, edge.mostWait) : 0,
    requestId,
    traceparent,
    lastEventId: lastEventId(headers['last-event-id']),
    headers,
    rawBody,
    stream: route.stream && ctx.req,
    signal: () => signalOf(ctx, shared, edge.stopping),
    meta,
  };
};

/** A request that carries `Position` waits up to a second until that write is visible. */
const caughtUp = async (ctx: Context, { aside }: Route, views: Views | undefined): Promise<void> => {
  const positions = views ? positionsOf(ctx.req.headers.position) : undefined;
  if (positions) await views?.reached(positions, 1000, aside);
};

const FOREIGN = problem('forbidden', 'It belongs to somebody else.');

const answer = async (route: Route, ctx: Context, edge: Edge, shared: Shared): Promise<Reply> => {
  const seen = edge.authenticate(ctx.req.headers.authorization);
  const who = seen instanceof Promise ? await seen : seen;
  notedOf(ctx).userId = who?.userId;
  const tooOften = who && (await spend(route, 'user', who.userId, notedOf(ctx), edge.admission));
  const refused = tooOften ?? refuses(route, who);
  if (refused) return refused;
  const body = await bodyOf(route, ctx, edge.limits);
  if (isRefused(body)) return body;
  if (route.noCards && carriesCard(body.value)) return CARD;
  const sent: Inputs = { params: ctx.params, query: ctx.query, body: body.value };
  const inputs = parseInputs(route, sent);
  if (isRefused(inputs)) return inputs;
  const identity = identityOf(route, ctx, who, { ...sent, params: inputs.params });
  if (isRefused(identity)) return identity;
  const raw = route.raw ? body.bytes : undefined;
  const request = requestOf(route, ctx, edge, shared, who, inputs, identity, raw);
  if (route.owner && !route.owner(request)) return FOREIGN;
  await caughtUp(ctx, route, edge.views);
  const handle = () => audited(route, request, notedOf(ctx), edge.audit, () => route.handle(request));
  return identity.fingerprint === undefined ? handle() : exclusively(shared.running, identity.commandId, handle);
};

export const serve =
  (route: Route, edge: Edge, shared: Shared): Middleware =>
  async (ctx) => {
    const noted = notedOf(ctx);
    noted.route = route.path;
    const state = shared.keeper.stateFor(route, ctx.req);
    const make = () => answer(route, ctx, edge, shared);
    const made = state === undefined ? make : () => shared.keeper.once(ctx.url, state, make);
    const reply = await admitted(route, noted, edge.admission, made);
    noted.reply = streamed(reply, noted, edge.admission, (leave) => whenClosed(ctx, leave));
    edge.inspect?.(route, noted.reply);
    if (!route.cached || !('status' in reply) || reply.status !== 200) return;
    const kept = keptOf(envelope(reply));
    if (state !== undefined) shared.keeper.keep(ctx.url, route, state, kept);
    noted.keeps = state !== undefined;
    noted.reply = { kept, cache: noted.userId ? 'private' : 'public', headers: reply.headers };
  };

/** What was answered before and is still true is answered again; nothing else is done but what every request is held to. */
export const serveKept =
  ({ admission }: Edge, { keeper }: Shared): Middleware =>
  async (ctx, next) => {
    const entry = keeper.find(ctx.req);
    if (!entry) return next();
    const noted = notedOf(ctx);
    noted.route = entry.route.path;
    noted.reply = await admitted(entry.route, noted, admission, async () => ({ kept: entry, cache: 'public' }));
  };
