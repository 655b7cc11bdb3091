import { createServer } from 'node:net';

/** Binds once and lets go. `port` 0 asks the system for any free one. */
const bind = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });

export const isPortFree = async (port: number): Promise<boolean> => (await bind(port)) !== undefined;

export async function freePort(): Promise<number> {
  const port = await bind(0);
  if (port === undefined) throw new Error('The system has no free port on 127.0.0.1');
  return port;
}

/** The port of last time if it is still free: clients of a restarted server find it again. */
export const sameOrFreePort = async (remembered: number | undefined): Promise<number> =>
  remembered !== undefined && (await isPortFree(remembered)) ? remembered : freePort();
