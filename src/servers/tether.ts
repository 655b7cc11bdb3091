// Starting a server so that it ends with us, whatever ends us, and never runs as root.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { StartupProblem } from './problem.ts';

/** How a server is started: a command to put in front of its own. */
export type Wrapper = readonly string[];

const NOBODY = 65_534;
const AS_NOBODY: Wrapper = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'];

// The watcher outlives us, sees our end of the pipe close and interrupts the process that its own shell became.
const WATCH = '(read -r _ <&3 || kill -INT $$) & exec 3<&-; exec "$@"';

const works = (command: readonly string[]): boolean =>
  spawnSync(command[0]!, command.slice(1), { stdio: 'ignore' }).status === 0;

const canSetDeathSignal = (): boolean => works(['setpriv', '--pdeathsig', 'INT', '--', 'true']);

/**
 * Spawns a command that gets SIGINT when this process dies, SIGKILL included.
 * It leads its own session, so that Ctrl-C reaches us alone and we can drain before it stops.
 */
export function spawnTethered(wrapper: Wrapper, command: readonly string[], logFd: number): ChildProcess {
  const kernelTether = canSetDeathSignal();
  const tether = kernelTether ? ['setpriv', '--pdeathsig', 'INT', '--'] : ['sh', '-c', WATCH, 'sh'];
  const [program, ...args] = [...wrapper, ...tether, ...command];
  const stdio = kernelTether ? (['ignore', logFd, logFd] as const) : (['ignore', logFd, logFd, 'pipe'] as const);
  const child = spawn(program!, args, { stdio: [...stdio], detached: true });
  child.once('exit', () => releaseWatcher(child));
  child.on('error', () => undefined);
  return child;
}

/** A line tells the watcher that the server ended by itself: its pid may belong to somebody else by now. */
function releaseWatcher(child: ChildProcess): void {
  const pipe = child.stdio[3];
  if (pipe && 'write' in pipe) pipe.end('ended\n');
}

/**
 * Postgres refuses to run as root. A folder that belongs to somebody else is served as that user; otherwise a user
 * namespace makes root look like nobody (it works below 0700 folders); otherwise we become nobody.
 */
export function unprivileged(folder: string): Wrapper {
  if (process.getuid?.() !== 0) return [];
  const { uid, gid } = statSync(folder);
  if (uid !== 0) return switchUser(uid, gid);
  if (works([...AS_NOBODY, 'true'])) return AS_NOBODY;
  chownSync(folder, NOBODY, NOBODY);
  return switchUser(NOBODY, NOBODY);
}

function switchUser(uid: number, gid: number): Wrapper {
  const wrapper = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'];
  if (works([...wrapper, 'true'])) return wrapper;
  throw new StartupProblem(
    'Postgres refuses to run as root, and this machine has no way to start it as somebody else.',
    'Start as an ordinary user, or set DATABASE_URL to a Postgres that runs already.',
  );
}
