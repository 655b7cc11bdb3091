/** The edge on a real socket, with everything behind it faked. */

import type { Answer, Commander, Meta } from '../../actors/ports/commander.ts';
import type { Fields, Log } from '../../actors/ports/log.ts';
import { accessTokens } from '../../adapters/crypto/tokens.ts';
import { type AppOptions, createApp } from '../../adapters/http/app.ts';
import { authenticator } from '../../adapters/http/auth.ts';
import { gateOf } from '../../adapters/http/gate.ts';
import { type ListenOptions, listen } from '../../adapters/http/listen.ts';
import type { Route } from '../../adapters/http/routes.ts';
import type { Role } from '../../contracts/accounts.ts';
import { exchange, type Sent } from './http.ts';

export const SECRET = 'a secret for tests that is long enough';
export interface Asked {
  readonly to: string;
  readonly key: string;
  readonly command: { readonly type: string } & Record<string, unknown>;
  readonly meta: Meta;
}
export const accepted = (more: Partial<Extract<Answer, { kind: 'accepted' }>> = {}): Answer => ({
  kind: 'accepted',
  version: 1,
  positions: {},
  repeated: false,
  ...more,
});

/** Answers what `answer` says and remembers what it was asked. */
export const fakeCommander = (answer: (asked: Asked) => Answer | Promise<Answer> = () => accepted()) => {
  const asked: Asked[] = [];
  const commander: Commander = {
    ask: async (to, key, command, meta) => {
      const one = { to, key, command, meta } as Asked;
      asked.push(one);
      return answer(one);
    },
  };
  return { asked, commander };
};

const fakeLog = () => {
  const lines: { readonly level: string; readonly fields: Fields; readonly message: string }[] = [];
  const at = (level: string) => (fields: Fields, message: string) => void lines.push({ level, fields, message });
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, log };
};

const wide = () => gateOf({ most: 1_000, mostPerAddress: 1_000 });

/** `revoked`: sessions and users whose tokens count no longer. Dispose with `close`. */
export const startEdge = async (
  routes: readonly Route[],
  more: Partial<AppOptions> = {},
  times: Pick<ListenOptions, 'idleTimeout'> = {},
) => {
  const { lines, log } = fakeLog();
  const revoked = new Set<string>();
  const stop = new AbortController();
  const requests = wide();
  const tokens = accessTokens({ secret: SECRET, lifetime: 3600, now: Date.now });
  const isRevoked = (user: string, _: number, session: string) => revoked.has(user) || revoked.has(session);
  const app = createApp(routes, {
    authenticate: authenticator(tokens, { isRevoked }, Date.now),
    limits: { bytes: 10_000, depth: 20 },
    mostWait: 30,
    commandTimeout: 5_000,
    stopping: stop.signal,
    log,
    origins: { catalogue: ['*'], shop: ['https://shop.example'], backOffice: ['https://office.example'] },
    proxies: [],
    admission: { requests, streams: wide() },
    ...more,
  });
  const server = await listen(app.callback(), {
    host: '127.0.0.1',
    port: 0,
    requestTimeout: 2_000,
    headersTimeout: 1_000,
    ...times,
  });
  const url = `http://127.0.0.1:${server.port}`;
  const tokenFor = async (userId: string, ...roles: Role[]) =>
    (await tokens.issue({ userId, roles, sessionId: `s-${userId}`, tokenVersion: 1 })).token;
  const { port, connections } = server;
  const inFlight = () => requests.inFlight;
  return { url, port, connections, inFlight, lines, revoked, stop, tokens, tokenFor, close: () => server.close(200) };
};
export type TestEdge = Awaited<ReturnType<typeof startEdge>>;

/** One request with JSON in and out. */
export const send = (edge: { readonly url: string }, method: string, path: string, sent?: Sent) =>
  exchange(method, edge.url + path, sent);
