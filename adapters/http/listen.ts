/** An HTTP server that a slow client cannot hold up and that stops without dropping an answer. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Milliseconds for the whole request, and for its head. */
  readonly requestTimeout?: number;
  readonly headersTimeout?: number;
  /** Paths of requests that may take as long as they like, while they move: they carry files. */
  readonly unhurried?: ReadonlySet<string>;
  /** Milliseconds without a byte in either direction, such as of a client that does not read its answer. */
  readonly idleTimeout?: number;
}
export interface Listening {
  readonly port: number;
  /** Open ones. */
  connections(): Promise<number>;
  /** Takes no new connection, lets running requests end for `grace` milliseconds, then cuts what is left. */
  close(grace: number): Promise<void>;
}

const closing = (server: Server, grace: number): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), grace);
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });

const TOO_SLOW = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';
const cutOff = (req: IncomingMessage, res: ServerResponse): void => {
  if (req.complete) return;
  if (res.headersSent) req.socket.destroy();
  else req.socket.end(TOO_SLOW, () => req.socket.destroy());
};
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Node's own limit is for all requests alike; this one leaves those out that carry files, until they are answered. */
const inTime =
  (handler: RequestListener, within: number, unhurried: ReadonlySet<string>): RequestListener =>
  (req, res) => {
    const begin = () => {
      if (req.complete) return;
      const timer = setTimeout(cutOff, within, req, res);
      req.once('close', () => clearTimeout(timer));
    };
    if (hasBody(req)) {
      if (unhurried.has(req.url!.split('?', 1)[0]!)) res.once('finish', begin);
      else begin();
    }
    return handler(req, res);
  };

/** Rejects with the system's error when the port is taken. */
export const listen = async (handler: RequestListener, options: ListenOptions): Promise<Listening> => {
  const server = createServer(
    {
      requestTimeout: 0,
      headersTimeout: options.headersTimeout ?? 10_000,
      // Longer than the idle time of common load balancers (60 s), so that they, not we, close first.
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
    inTime(handler, options.requestTimeout ?? 30_000, options.unhurried ?? new Set()),
  );
  // Longer than a keep-alive, a wait for a purchase, and the pauses of an event stream.
  server.setTimeout(options.idleTimeout ?? 120_000);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const connections = promisify(server.getConnections.bind(server));
  return { port: (server.address() as AddressInfo).port, connections, close: (grace) => closing(server, grace) };
};
