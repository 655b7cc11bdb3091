/** The network's part of a provider in a test: HTTP on loopback, with faults on demand. Knows nothing of who calls. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
/**
 * What goes wrong with a call. `before`: nothing was done; `after`: it was done, and the caller does not learn it.
 * `error` is a 500, `cut` a lost connection, `hang` an answer that never comes, `busy` a 429 (always before).
 */
export type Fault = `${'error' | 'cut' | 'hang'} ${'before' | 'after'}` | 'busy';
interface Planned {
  readonly on: RegExp;
  readonly fault: Fault;
  left: number;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};
const send = (response: ServerResponse, { status, body, headers }: Answer): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

export interface Wire {
  readonly url: string;
  /** `POST /v1/refunds` and the like, in the order they came. */
  readonly calls: readonly string[];
  /** The next `times` calls whose `METHOD path` fits go wrong. */
  fail(on: RegExp, fault: Fault, times?: number): void;
  /** Told in the moment after a call was done and before its answer leaves. */
  watch(look: ((call: Call) => void) | undefined): void;
  /** Ends a fault of every kind. */
  heal(): void;
  close(): Promise<void>;
}

export const openWire = async (
  handle: (call: Call) => Answer,
  answers: { readonly error: (call: Call) => Answer; readonly busy: Answer },
): Promise<Wire> => {
  const planned: Planned[] = [];
  const calls: string[] = [];
  let look: ((call: Call) => void) | undefined;

  const faultOf = (named: string): Fault | undefined => {
    const hit = planned.find(({ on, left }) => left > 0 && on.test(named));
    if (hit) hit.left -= 1;
    return hit?.fault;
  };
  const act = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname: path, searchParams: query } = new URL(request.url!, 'http://fake');
    const call = { method: request.method!, path, query, headers: request.headers, body: await bodyOf(request) };
    const named = `${call.method} ${path}`;
    calls.push(named);
    const fault = faultOf(named);
    if (fault === 'busy') return send(response, answers.busy);
    const [how, when] = (fault ?? '').split(' ');
    const answer = when === 'before' ? undefined : handle(call);
    if (answer) look?.(call);
    if (how === 'hang') return;
    if (how === 'cut') return void request.socket.destroy();
    send(response, how === 'error' ? answers.error(call) : answer!);
  };
  const server = createServer((request, response) => {
    act(request, response).catch((error: unknown) => send(response, { status: 599, body: { fake: String(error) } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    fail: (on, fault, times = 1) => void planned.push({ on, fault, left: times }),
    watch: (by) => {
      look = by;
    },
    heal: () => void planned.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
