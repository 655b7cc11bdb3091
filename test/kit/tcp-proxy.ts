// A TCP proxy that fails on demand: the network's part in tests.
import { connect, createServer, type Socket } from 'node:net';

export type Direction = 'to-server' | 'to-client';
/** pass: forward. drop: swallow this chunk. cut: forward nothing and reset the connection. cut-after: forward, then reset. */
export type Verdict = 'pass' | 'drop' | 'cut' | 'cut-after';
export type Intercept = (chunk: Buffer, direction: Direction) => Verdict;

export type TcpProxy = {
  port: number;
  /** The same URL, through the proxy. */
  through(url: string): string;
  /** Resets every connection and refuses new ones. */
  cut(): void;
  /** Forwards nothing and closes nothing: a black hole. New connections are accepted and get no answer. */
  stall(): void;
  /** Ends a cut or a stall; what was held back in the stall is delivered. */
  resume(): void;
  /** Looks at every chunk before it is forwarded, such as the one that carries COMMIT. */
  intercept(look: Intercept | undefined): void;
  connections(): number;
  close(): Promise<void>;
};

type Pair = { client: Socket; server: Socket };
type State = { mode: 'open' | 'cut' | 'stalled'; look?: Intercept; pairs: Set<Pair> };

const sockets = ({ client, server }: Pair): Socket[] => [client, server];
const forBoth = (pair: Pair, act: (socket: Socket) => unknown): void => {
  for (const socket of sockets(pair)) act(socket);
};
const reset = (pair: Pair): void => forBoth(pair, (socket) => socket.resetAndDestroy());

export async function tcpProxy(target: { host?: string; port: number } | string): Promise<TcpProxy> {
  const { host, port } = typeof target === 'string' ? addressOf(target) : { host: '127.0.0.1', ...target };
  const state: State = { mode: 'open', pairs: new Set() };
  const listener = createServer((client) => {
    if (state.mode === 'cut') return void client.resetAndDestroy();
    join(state, { client, server: connect({ host, port }) });
  });
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening));
  const address = listener.address();
  return controls(state, typeof address === 'object' && address ? address.port : 0, () => {
    state.pairs.forEach(reset);
    return new Promise((closed) => listener.close(() => closed()));
  });
}

function controls(state: State, port: number, close: () => Promise<void>): TcpProxy {
  const change = (mode: State['mode'], act: (pair: Pair) => void) => () => {
    state.mode = mode;
    state.pairs.forEach(act);
  };
  return {
    port,
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    cut: change('cut', reset),
    stall: change('stalled', (pair) => forBoth(pair, (socket) => socket.pause())),
    resume: change('open', (pair) => forBoth(pair, (socket) => socket.resume())),
    intercept: (look) => {
      state.look = look;
    },
    connections: () => state.pairs.size,
    close,
  };
}

function join(state: State, pair: Pair): void {
  const { client, server } = pair;
  state.pairs.add(pair);
  for (const socket of sockets(pair)) {
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // A reset is what the tests ask for.
    socket.on('close', () => leave(state, pair));
  }
  client.on('data', (chunk) => forward(state, pair, chunk, 'to-server'));
  server.on('data', (chunk) => forward(state, pair, chunk, 'to-client'));
  if (state.mode === 'stalled') forBoth(pair, (socket) => socket.pause());
}

function leave(state: State, pair: Pair): void {
  state.pairs.delete(pair);
  forBoth(pair, (socket) => socket.destroy());
}

function forward(state: State, pair: Pair, chunk: Buffer, direction: Direction): void {
  const verdict = state.look?.(chunk, direction) ?? 'pass';
  const to = direction === 'to-server' ? pair.server : pair.client;
  if (verdict === 'pass') to.write(chunk);
  if (verdict === 'cut') reset(pair);
  if (verdict === 'cut-after') to.write(chunk, () => reset(pair));
}

const addressOf = (url: string): { host: string; port: number } => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
};
