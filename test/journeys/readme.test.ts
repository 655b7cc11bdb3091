/** The README's session, word for word, against an app that has just started. */
import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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

test('no document links to a file that is not there', () => {
  const pages = globSync(['README.md', 'docs/**/*.md'], { cwd: projectRoot }).map((page) => join(projectRoot, page));
  const links = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, to]) =>
      resolve(page, '..', to!),
    ),
  );
  expect(links.length).toBeGreaterThan(40);
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});

test('every package is justified, and no other', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  const record = readFileSync(join(projectRoot, 'docs/adr/006-dependencies.md'), 'utf8');
  const named = [...record.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) => cell!.match(/(?<=`)[^`,]+(?=`)/g)!);
  expect(named.filter((name) => name !== ', ').sort()).toEqual(
    Object.keys({ ...dependencies, ...devDependencies }).sort(),
  );
});
