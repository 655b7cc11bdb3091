import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bringServers } from '../../src/servers/bring.ts';
import { startNats } from '../../src/servers/nats.ts';
import { findNatsServer } from '../../src/servers/nats-binary.ts';
import { startPostgres } from '../../src/servers/postgres.ts';
import { checkNats, checkPostgres } from '../../src/servers/reach.ts';
import { cacheDir, newFolder, projectRoot, removeFolder } from '../kit/run-folder.ts';
import { databaseUrl, natsUrl, startOwnNats, startOwnPostgres, withClient } from '../kit/servers.ts';
import { until } from '../kit/until.ts';
import { areGone, runChild } from './children.ts';

let folder: string;
let natsServerBin: string;

beforeEach(async () => {
  folder = join(newFolder('a path with spaces'), 'data');
  natsServerBin = await findNatsServer({ cacheDir });
});

afterEach(() => removeFolder(join(folder, '..')));

/** Quicker than both, where it does not matter which server is ours. */
const natsAlone = () => ({ dataDir: folder, databaseUrl: databaseUrl(), natsServerBin });

describe('our own servers', () => {
  test('start in a path with spaces, and again within a second on the same ports', async () => {
    const first = await bringServers({ dataDir: folder, natsServerBin });
    await first.stop();
    const begin = performance.now();
    const second = await bringServers({ dataDir: folder, natsServerBin });
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(second).toMatchObject({ databaseUrl: first.databaseUrl, natsUrl: first.natsUrl });
    await Promise.all([checkPostgres(second.databaseUrl), checkNats(second.natsUrl)]);
    await second.stop();
  });

  test('a killed Postgres comes back on its port with everything that was committed', async () => {
    const server = await startOwnPostgres();
    await withClient(server.url, async (client) => void (await client.query('CREATE TABLE kept (id int)')));
    await server.kill();
    await expect(checkPostgres(server.url)).rejects.toThrow('cannot be reached (ECONNREFUSED)');
    await server.restart();
    await withClient(server.url, async (client) => void (await client.query('TABLE kept')));
    await server.dispose();
  });

  test('a killed nats-server comes back on its port', async () => {
    const server = await startOwnNats();
    await server.kill();
    await expect(checkNats(server.url)).rejects.toThrow('cannot be reached');
    await server.restart();
    await checkNats(server.url);
    await server.dispose();
  });

  test('say when one of them ended without being asked to', async () => {
    const servers = await bringServers(natsAlone());
    process.kill(servers.started.find(({ name }) => name === 'nats-server')!.pid, 'SIGKILL');
    expect((await servers.failed).message).toBe('nats-server, started by us, has ended.');
    await servers.stop();
  });
});

describe('a run that is killed', () => {
  test('leaves no server behind, and the next run starts on its data', async () => {
    const run = await runChild('bring.child.ts', [folder], { env: { NATS_SERVER_BIN: natsServerBin } });
    expect(run.report.started).toHaveLength(2);
    run.child.kill('SIGKILL');
    expect(await areGone(run)).toBe(true);
    const next = await bringServers({ dataDir: folder, natsServerBin });
    await next.stop();
  });

  test('leaves none behind where the kernel offers no death signal either', async () => {
    const bin = join(folder, '..', 'bin');
    mkdirSync(bin);
    for (const program of ['sh', 'sleep']) symlinkSync(join('/bin', program), join(bin, program));
    const run = await runChild('tether.child.ts', [], { env: { PATH: bin } });
    run.child.kill('SIGKILL');
    expect(await areGone(run)).toBe(true);
  });

  test('leaves a postmaster.pid whose number a stranger has by now: it is cleared away', async () => {
    const dataDir = join(folder, 'postgres');
    await (await startPostgres({ dataDir, fsync: false })).stop();
    writeFileSync(join(dataDir, 'cluster', 'postmaster.pid'), `${process.pid}\n${dataDir}\n`);
    await (await startPostgres({ dataDir, fsync: false })).stop();
  });

  test('leaves a server that is still going: the next run ends it first', async () => {
    const dataDir = join(folder, 'postgres');
    const leftover = await startPostgres({ dataDir, fsync: false });
    const next = await startPostgres({ dataDir, fsync: false });
    await leftover.exited;
    await next.stop();
  });
});

const isRoot = process.getuid?.() === 0;
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
const nobodyCanRead =
  isRoot && spawnSync(asNobody[0]!, [...asNobody.slice(1), 'ls', join(projectRoot, 'src')]).status === 0;

(nobodyCanRead ? test : test.skip)('an ordinary user can start them', async () => {
  const home = join(folder, '..');
  chownSync(home, 65534, 65534);
  chmodSync(home, 0o700);
  const program = join(home, 'nats-server'); // The cache is its owner's alone.
  copyFileSync(natsServerBin, program);
  const env = { NATS_SERVER_BIN: program, HOME: home };
  const run = await runChild('bring.child.ts', [folder], { env, prefix: asNobody });
  expect(run.report.started).toHaveLength(2);
  run.child.kill('SIGTERM');
  expect(await areGone(run)).toBe(true);
});

describe('one clear message', () => {
  const occupied = async (use: (port: number) => Promise<void>) => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    if (typeof address === 'object' && address) await use(address.port);
    await new Promise((closed) => server.close(closed));
  };

  test('for a port that is taken', () =>
    occupied(async (port) => {
      const postgres = startPostgres({ dataDir: join(folder, 'postgres'), port, fsync: false });
      await expect(postgres).rejects.toMatchObject({
        message: `Port ${port}, wanted for Postgres, is taken by another program.`,
        hint: expect.stringContaining('Stop that program'),
      });
      const nats = startNats({ dataDir: join(folder, 'nats'), port, program: natsServerBin });
      await expect(nats).rejects.toThrow(`Port ${port}, wanted for NATS, is taken by another program.`);
    }));

  test('for a second start beside the first', async () => {
    const first = await bringServers(natsAlone());
    await expect(bringServers(natsAlone())).rejects.toThrow(
      `Tradewind already runs on the data folder ${folder} (process ${process.pid}).`,
    );
    await first.stop();
  });

  test('for two starts at the same moment: one of them wins', async () => {
    const env = { NATS_SERVER_BIN: natsServerBin, DATABASE_URL: databaseUrl() };
    const runs = await Promise.all([0, 1, 2].map(() => runChild('bring.child.ts', [folder], { env })));
    const winners = runs.filter(({ report }) => report.started);
    expect(winners.map(({ report }) => report.problem)).toEqual([undefined]);
    winners[0]!.child.kill('SIGTERM');
    await until(() => winners[0]!.child.exitCode === 0);
  });

  test('for a database and a broker that are away', async () => {
    const away = { dataDir: folder, databaseUrl: 'postgres://u:secret@127.0.0.1:1/shop', natsUrl: natsUrl() };
    await expect(bringServers(away)).rejects.toThrow('Postgres at 127.0.0.1:1/shop cannot be reached (ECONNREFUSED).');
    await expect(checkNats('nats://u:secret@127.0.0.1:1')).rejects.toThrow('NATS at 127.0.0.1:1 cannot be reached');
  });

  test('for a wrong password', async () => {
    const wrong = (url: string) => Object.assign(new URL(url), { password: 'wrong' }).href;
    await expect(checkPostgres(wrong(databaseUrl()))).rejects.toThrow('refused the user name or password');
    await expect(checkNats(wrong(natsUrl()))).rejects.toThrow('refused the user name or password');
  });

  test('for a nats-server that is not there', async () => {
    const missing = bringServers({ ...natsAlone(), natsServerBin: '/nowhere/nats-server' });
    await expect(missing).rejects.toThrow('NATS_SERVER_BIN names /nowhere/nats-server, which is not a program');
  });

  test('for a lost database password', async () => {
    const dataDir = join(folder, 'postgres');
    await (await startPostgres({ dataDir, fsync: false })).stop();
    removeFolder(join(dataDir, 'settings.json'));
    await expect(startPostgres({ dataDir, fsync: false })).rejects.toThrow('The password of the database');
  });
});
