// A run that the tests kill: brings both servers, tells what it started and stays until it is told to stop.
import { bringServers } from '../../src/servers/bring.ts';
import { StartupProblem } from '../../src/servers/problem.ts';

try {
  const { DATABASE_URL: databaseUrl, NATS_SERVER_BIN: natsServerBin } = process.env;
  const servers = await bringServers({ dataDir: process.argv[2]!, databaseUrl, natsServerBin });
  process.on('message', () => undefined); // Listening keeps the process open until it disconnects.
  process.once('SIGTERM', () => void servers.stop().then(() => process.disconnect()));
  process.send?.({ started: servers.started });
} catch (error) {
  if (!(error instanceof StartupProblem)) throw error;
  process.send?.({ problem: error.message });
  process.disconnect();
}
