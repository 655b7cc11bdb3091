/** `npm run audit`, with the real npm against registries on loopback. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newFolder, projectRoot, removeFolder } from '../kit/run-folder.ts';

let folder: string;
let registry: Server | undefined;
beforeEach(() => {
  folder = newFolder('audit');
  const dependencies = { 'left-over': '1.0.0' };
  const packages = {
    '': { dependencies },
    'node_modules/left-over': { version: '1.0.0', resolved: 'https://registry.example/left-over.tgz' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'x', version: '1.0.0', dependencies }));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ name: 'x', lockfileVersion: 3, packages }));
});
afterEach(async () => {
  await new Promise((resolve) => (registry ? registry.close(resolve) : resolve(undefined)));
  registry = undefined;
  removeFolder(folder);
});

const packument = { name: 'left-over', versions: { '1.0.0': { name: 'left-over', version: '1.0.0' } } };

/** A registry that has that one package, and answers every request for advisories so. */
const answering = async (status: number, body: object): Promise<string> => {
  registry = createServer((req, res) => {
    req.resume();
    const [code, answer] = req.method === 'GET' ? [200, packument] : [status, body];
    res.writeHead(code, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => registry!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(registry.address() as { port: number }).port}/`;
};
const audit = (address: string): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const script = join(projectRoot, 'src/bootstrap/audit.ts');
    const flags = [`--registry=${address}`, '--fetch-retries=0', `--cache=${join(folder, randomUUID())}`];
    execFile(process.execPath, [script, ...flags], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
const advisory = (severity: string) => ({
  'left-over': [{ id: 1, url: 'https://x.example', title: 'a hole', severity, vulnerable_versions: '<2.0.0' }],
});

test('a registry without the endpoint: nothing was checked, and that is said', async () => {
  const { code, said } = await audit(await answering(405, {}));
  expect([code, said]).toEqual([2, expect.stringMatching(/^Nothing was checked: .*405/)]);
});

test('a registry that is away: the same', async () => {
  const { code, said } = await audit('http://127.0.0.1:1/');
  expect([code, said]).toEqual([2, expect.stringContaining('Nothing was checked')]);
});

test('a high one is named and fails, a low one is counted and does not', async () => {
  const high = await audit(await answering(200, advisory('high')));
  expect([high.code, high.said]).toEqual([1, expect.stringContaining('high: left-over ')]);
  await new Promise((resolve) => registry!.close(resolve));
  const low = await audit(await answering(200, advisory('low')));
  expect([low.code, low.said]).toEqual([0, '1 known holes in what is shipped, 0 of them high or critical.\n']);
});

test('a clean one is clean', async () => {
  expect((await audit(await answering(200, {}))).code).toBe(0);
});
