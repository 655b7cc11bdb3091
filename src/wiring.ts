// A placeholder until the application is wired: answers the probes and nothing else.
import { createServer } from 'node:http';
import type { StartApp } from './run.ts';

export const startApp: StartApp = async ({ config }) => {
  const server = createServer((_request, response) => void response.end('ok'));
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(config.port, config.host, listening);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : config.port;
  return { url: `http://localhost:${port}`, stop: () => new Promise((closed) => server.close(() => closed())) };
};
