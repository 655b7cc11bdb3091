/**
 * Writes the public contracts: `contracts/openapi.v1.json`, `contracts/asyncapi.v1.json`, `contracts/events/<type>.json`,
 * and after them the client's types.
 *
 *   node src/generate-contracts.ts              write; refuses an incompatible change of an event that is there
 *   node src/generate-contracts.ts --check      write nothing; fail when a file is not as it would be written
 *   node src/generate-contracts.ts --unreleased write whatever it is (before the first release)
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { documentedRoutes } from '../adapters/http/api.ts';
import { openApiDocument } from '../adapters/http/openapi.ts';
import { CONTEXTS } from './contexts.ts';
import { asyncApiDocument, eventDocument, eventSchemas } from './event-schemas.ts';
import { writeClient } from './generate-client.ts';
import { breaks } from './schema-compat.ts';

const ROOT = new URL('../contracts/', import.meta.url);
const text = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

/** File name below `contracts/` -> what it holds. */
export const contractFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['openapi.v1.json', text(openApiDocument(documentedRoutes()))],
    ['asyncapi.v1.json', text(asyncApiDocument(CONTEXTS))],
    ...eventSchemas(CONTEXTS).map((one) => [`events/${one.wire}.json`, text(eventDocument(one))] as const),
  ]);

const read = (file: string): Promise<string | undefined> =>
  readFile(new URL(file, ROOT), 'utf8').catch(() => undefined);
/** Event schemas that are there, whether they are still made or not. */
const released = async (): Promise<string[]> => {
  const files = await readdir(new URL('events/', ROOT)).catch(() => []);
  return files.filter((file) => file.endsWith('.json')).map((file) => `events/${file}`);
};

export interface Findings {
  /** Files that are missing, or not as they would be written. */
  readonly drifted: readonly string[];
  /** Incompatible changes of event schemas, one line each. */
  readonly broken: readonly string[];
}

const breaksOf = async (file: string, files: ReadonlyMap<string, string>): Promise<string[]> => {
  const now = files.get(file);
  if (now === undefined) return [`${file}: the event is gone; released events stay`];
  return breaks(JSON.parse((await read(file)) ?? '{}'), JSON.parse(now), file);
};

/** Compares what is committed with what the definitions say. */
export const inspectContracts = async (files = contractFiles()): Promise<Findings> => {
  const known = await Promise.all(
    [...files].map(async ([file, content]) => ((await read(file)) === content ? [] : file)),
  );
  const broken = await Promise.all((await released()).map((file) => breaksOf(file, files)));
  return { drifted: known.flat(), broken: broken.flat() };
};

const write = async (files: ReadonlyMap<string, string>): Promise<void> => {
  await rm(new URL('events/', ROOT), { recursive: true, force: true });
  await mkdir(new URL('events/', ROOT), { recursive: true });
  for (const [file, content] of files) await writeFile(new URL(file, ROOT), content);
  await writeClient();
};

const fail = (title: string, lines: readonly string[]): void => {
  console.error(`${title}\n${lines.map((line) => `  ${line}`).join('\n')}`);
  process.exitCode = 1;
};

const main = async (flags: ReadonlySet<string>): Promise<void> => {
  const files = contractFiles();
  const { drifted, broken } = await inspectContracts(files);
  if (broken.length > 0 && !flags.has('--unreleased'))
    return fail('Released events never change. Add a new version beside the old one instead:', broken);
  if (!flags.has('--check')) return write(files);
  if (drifted.length > 0) fail('Not as the definitions say; run node src/generate-contracts.ts:', drifted);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(new Set(process.argv.slice(2)));
