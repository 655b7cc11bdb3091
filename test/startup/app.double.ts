// Stands in for the application: what the start, the drain and the stop of the process need, and no more.
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { run } from '../../src/run.ts';

const drainMs = Number(process.env.DRAIN_MS ?? 0);

await run(
  async () =>
    async ({ config, databaseUrl, natsUrl }) => {
      const server = createServer((_request, response) => void response.end(JSON.stringify({ databaseUrl, natsUrl })));
      await new Promise<void>((listening, failed) => {
        server.once('error', failed).listen(config.port, '127.0.0.1', listening);
      });
      const address = server.address();
      const stop = async () => {
        await wait(drainMs);
        console.log('drained');
        server.close();
      };
      return { url: `http://127.0.0.1:${typeof address === 'object' && address?.port}`, stop };
    },
  process.env,
);
