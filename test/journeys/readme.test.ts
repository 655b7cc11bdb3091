/** The README's session, word for word, against an app that has just started. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '../kit/run-folder.ts';
import { openShop, type Shop } from '../kit/shop.ts';

interface Step {
  readonly commands: string;
  /** What the README says is printed. */
  readonly printed: string;
}
const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');

/** Every `bash` block, with the `text` block that follows it. */
const steps = (): Step[] => {
  const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind, body]) => ({ kind, body: body! }));
  return blocks.flatMap(({ kind, body }, i) =>
    kind === 'bash' ? { commands: body, printed: blocks[i + 1]?.kind === 'text' ? blocks[i + 1]!.body : '' } : [],
  );
};

const END = '--- end of block ---';
const bash = (script: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, errors]: [string[], string[]] = [[], []];
    child.stdout.on('data', (chunk) => out.push(String(chunk)));
    child.stderr.on('data', (chunk) => errors.push(String(chunk)));
    child.once('close', (code) =>
      code === 0 ? resolve(out.join('')) : reject(new Error([`ended with ${code}`, ...out, ...errors].join('\n'))),
    );
  });

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

test('prints what it says', async () => {
  const session = steps();
  expect(session.length).toBeGreaterThan(5);
  const script = session.map(({ commands }) => `${commands}\necho '${END}'`).join('\n');
  const output = await bash(script.replaceAll('http://localhost:3000', shop.url));
  const printed = output.split(`${END}\n`);
  expect(printed.slice(0, -1)).toEqual(session.map((step) => step.printed));
});

test('names no file that is not there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path]) => path!);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
});
