/** `npm run import`: a file from the terminal into the running application. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { progressLine } from '../../src/import-screen.ts';
import { csvOf, fileRows, ndjsonOf } from '../kit/catalogue-file.ts';
import { projectRoot } from '../kit/run-folder.ts';
import { openShop, type Shop } from '../kit/shop.ts';

let shop: Shop;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'import-'));
  shop = await openShop();
});
afterAll(async () => {
  await shop?.close();
  rmSync(folder, { recursive: true });
});

const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const importing = (url: string, ...args: readonly string[]) =>
  new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn(process.execPath, ['src/import-file.ts', ...args, '--url', url], { cwd: projectRoot });
    const parts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => parts.push(String(part)));
    child.once('close', (code) => resolve({ code, output: parts.join('') }));
  });

test('a CSV file: what became of it, and nothing new when it is sent again', async () => {
  const file = written('shop.csv', csvOf(fileRows(700, 'CLIENT')));
  const first = await importing(shop.url, file);
  expect(first).toEqual({ code: 0, output: 'completed: 700 created, 0 updated, 0 unchanged, 0 refused\n' });
  expect(await importing(shop.url, file)).toEqual(first);
  expect((await importing(shop.url, file, '--again')).output).toMatch(/0 created, 0 updated, 700 unchanged/);
});

test('rows that are refused are named, with why', async () => {
  const file = written('bad.ndjson', `${ndjsonOf(fileRows(2, 'NAMED'))}\n{"sku": "NAMED-X"}\n{"title": "No SKU"}\n`);
  const { code, output } = await importing(shop.url, file);
  expect([code, output.split('\n')]).toEqual([
    2,
    [
      'completed: 2 created, 0 updated, 0 unchanged, 2 refused',
      expect.stringMatching(/line 3: title: title required/),
      '  line 4: sku: sku (or variants) is required',
      '',
    ],
  ]);
});

test('what cannot work says why', async () => {
  expect(await importing(shop.url)).toEqual({ code: 1, output: 'Name one file: npm run import -- file.csv\n' });
  const file = written('columns.csv', 'sku,colour\nA,red\n');
  expect((await importing(shop.url, file)).output).toMatch(/unknown columns: colour/);
  const wrong = await importing(shop.url, file, '--email', 'seller@example.com', '--password', 'wrong');
  expect(wrong.code).toBe(1);
});

test('an application that goes away meanwhile is waited for', async () => {
  const progress = {
    status: 'running',
    received: 2,
    done: 1,
    created: 1,
    updated: 0,
    unchanged: 0,
    refused: 0,
    version: 4,
    links: { events: '/events', report: '/report' },
  };
  const over = { ...progress, status: 'completed', done: 2, created: 2, version: 6 };
  const event = (data: object) => `event: x\ndata: ${JSON.stringify(data)}\n\n`;
  const json = (status: number, data: unknown) => (res: ServerResponse) =>
    void res.writeHead(status).end(JSON.stringify({ data, detail: 'not now' }));
  const script: ((res: ServerResponse) => void)[] = [
    (res) => res.destroy(),
    json(503, undefined),
    json(202, progress),
    (res) => void res.write(event(progress), () => res.destroy()),
    json(503, undefined),
    (res) => void res.writeHead(200).end(event(over)),
  ];
  const seen: (string | undefined)[] = [];
  const server: Server = createServer((req, res) => {
    seen.push(`${req.url} ${req.headers['idempotency-key']?.slice(0, 5) ?? req.headers['last-event-id']}`);
    req.resume().once('end', () => script.shift()!(res));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const done = await importing(url, written('some.csv', 'sku\nA\n'), '--token', 't');
  server.close();
  expect(done).toEqual({ code: 0, output: 'completed: 2 created, 0 updated, 0 unchanged, 0 refused\n' });
  expect(seen).toEqual([...Array(3).fill('/api/v1/products/import file-'), ...Array(3).fill('/events 4')]);
});

test('the line in a terminal has a bar, counts and a pace', () => {
  const progress = {
    status: 'running',
    received: 4_000,
    done: 1_000,
    created: 990,
    updated: 5,
    unchanged: 3,
    refused: 2,
    version: 1,
    links: { events: '', report: '' },
  };
  expect(progressLine(progress, 500)).toBe(
    `${'█'.repeat(8)}${'░'.repeat(22)} 1,000/4,000: 990 created, 5 updated, 3 unchanged, 2 refused, 2,000 rows/s`,
  );
});
