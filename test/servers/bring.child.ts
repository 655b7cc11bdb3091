// A run that the tests kill: brings both servers, tells what it started and stays until it is told to stop.
import { bringServers } from '../../src/servers/bring.ts';
import { StartupProblem } from '../../src/servers/problem.ts';

try {
  const servers = await bringServers({ dataDir: process.argv[2]!, natsServerBin: process.env.NATS_SERVER_BIN });
  process.once('SIGTERM', () => void servers.stop().then(() => process.disconnect()));
  process.send?.({ started: servers.started });
} catch (error) {
  if (!(error instanceof StartupProblem)) throw error;
  process.send?.({ problem: error.message });
  process.disconnect();
}
