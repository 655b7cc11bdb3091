import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findNatsServer } from '../../src/servers/nats-binary.ts';
import { isGoneWithin } from '../../src/servers/processes.ts';
import { checkNats, checkPostgres } from '../../src/servers/reach.ts';
import { cacheDir, newFolder, projectRoot, removeFolder } from '../kit/run-folder.ts';
import { databaseUrl, natsUrl } from '../kit/servers.ts';
import { spawnApp } from '../kit/spawn-app.ts';
import { until } from '../kit/until.ts';

const entry = 'test/startup/app.double.ts';
const start = (env: Record<string, string>) => spawnApp({ TRADEWIND_DATA: folder, ...env }, { entry });
const given = () => ({ DATABASE_URL: databaseUrl(), NATS_URL: natsUrl() });

let folder: string;
beforeEach(() => {
  folder = newFolder('start');
});
afterEach(() => removeFolder(folder));

const urlsOf = async (url: string) => (await (await fetch(url)).json()) as { databaseUrl: string; natsUrl: string };

describe('the process', () => {
  test('uses the servers that it is given and leaves them alone', async () => {
    const app = await start(given());
    expect(await urlsOf(app.url)).toEqual({ databaseUrl: databaseUrl(), natsUrl: natsUrl() });
    expect(await app.stop()).toBe(0);
    await Promise.all([checkPostgres(databaseUrl()), checkNats(natsUrl())]);
  });

  test('brings its own, drains on SIGTERM and stops what it started', async () => {
    const app = await start({ NATS_SERVER_BIN: await findNatsServer({ cacheDir }) });
    const urls = await urlsOf(app.url);
    await Promise.all([checkPostgres(urls.databaseUrl), checkNats(urls.natsUrl)]);
    expect(await app.stop()).toBe(0);
    expect(app.output()).toContain('drained');
    await expect(checkPostgres(urls.databaseUrl)).rejects.toThrow('cannot be reached');
    await expect(checkNats(urls.natsUrl)).rejects.toThrow('cannot be reached');
  });

  test('exits at once on the second signal', async () => {
    const app = await start({ ...given(), DRAIN_MS: '60000' });
    process.kill(app.pid, 'SIGINT');
    await until(() => app.output().includes('Draining'));
    await until(() => process.kill(app.pid, 'SIGINT') && isGoneWithin(app.pid, 50));
    expect(app.output()).not.toContain('drained');
  });

  test('drains when npm, which passes on no signal then, is killed', async () => {
    const env = { ...process.env, ...given(), TRADEWIND_DATA: folder, PORT: '0', OPS_PORT: '0' };
    const script = `"${process.execPath}" "${join(projectRoot, entry)}" & wait`;
    const npm = spawn('sh', ['-c', script], { argv0: 'npm', stdio: ['ignore', 'pipe', 'ignore'], env });
    let printed = '';
    npm.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    await until(() => printed.includes('Tradewind is ready'));
    npm.kill('SIGKILL');
    await until(() => printed.includes('drained'));
  });

  test('can be killed', async () => {
    const app = await start(given());
    await app.kill();
    expect(await isGoneWithin(app.pid, 0)).toBe(true);
  });
});

describe('what goes wrong at the start ends in one message, exit code 1 and no stack', () => {
  const failure = async (env: Record<string, string>) => {
    const error: Error = await start(env).then(
      () => new Error('it started'),
      (reason) => reason,
    );
    expect(error.message).toContain('Ended with exit code 1');
    expect(error.message).not.toMatch(/\n\s+at /);
    return error.message;
  };

  test('a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await failure({ ...given(), PORT: String(port) })).toContain(`Port ${port} is taken by another program.`);
    other.close();
  });

  test('a configuration that is refused', async () => {
    expect(await failure({ ...given(), PORT: 'x', LOG_LEVEL: 'loud' })).toMatch(/PORT must be .*\n.*LOG_LEVEL must be/);
  });

  test('a data folder that is none', async () => {
    const notAFolder = join(process.execPath, 'data');
    expect(await failure({ TRADEWIND_DATA: notAFolder, JWT_SECRET: '' })).toContain(`Cannot use ${notAFolder}`);
  });

  test('a wrong password', async () => {
    const wrong = Object.assign(new URL(databaseUrl()), { password: 'wrong' }).href;
    const message = await failure({ ...given(), DATABASE_URL: wrong });
    expect(message).toContain('refused the user name or password');
    expect(message).not.toContain('wrong@');
  });
});
