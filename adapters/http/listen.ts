/** An HTTP server that a slow client cannot hold up and that stops without dropping an answer. */

import type { RequestListener } from 'node:http';
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

/** Rejects with the system's error when the port is taken. */
export const listen = async (handler: RequestListener, options: ListenOptions): Promise<Listening> => {
  const server = createServer(
    {
      requestTimeout: options.requestTimeout ?? 30_000,
      headersTimeout: options.headersTimeout ?? 10_000,
      // Longer than the idle time of common load balancers (60 s), so that they, not we, close first.
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
    handler,
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
