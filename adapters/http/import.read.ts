/** The body of an import as rows, as they come over the wire: decoded, cut into rows, checked. Nothing is kept. */
import type { Hash } from 'node:crypto';
import type { z } from 'zod';
import type { ReadRow } from '../../actors/ports/imports.ts';
import type { ImportFormat, RowError } from '../../contracts/imports.ts';
import { parseJson } from './body.ts';
import { BadFile, type CsvRow, csvRows, type MinorUnits } from './import.csv.ts';
import { ImportRow, inputOf } from './imports.shapes.ts';
import { isRefused } from './problems.ts';

export interface ReadLimits {
  /** Bytes of the file. */
  readonly bytes: number;
  readonly rows: number;
}
export interface Reading {
  readonly format: ImportFormat;
  readonly limits: ReadLimits;
  readonly minorUnits: MinorUnits;
  /** Sees every byte. */
  readonly digest: Hash;
  /** What is wrong with an image's address; undefined: nothing. */
  readonly badImage: (url: string) => string | undefined;
}
/** Bytes of one row. */
const LONGEST_ROW = 262_144;
const DEPTH = 10;

/** The bytes as they pass: counted and digested. */
async function* passing(body: AsyncIterable<Buffer>, { limits, digest }: Reading): AsyncIterable<Buffer> {
  let seen = 0;
  for await (const part of body) {
    seen += part.length;
    if (seen > limits.bytes) throw new BadFile('too_large', `at most ${limits.bytes} bytes`);
    digest.update(part);
    yield part;
  }
}

async function* textOf(body: AsyncIterable<Buffer>): AsyncIterable<string> {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for await (const part of body) yield utf8.decode(part, { stream: true });
    yield utf8.decode();
  } catch (error) {
    const isText = (error as { code?: unknown }).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA';
    throw isText ? error : new BadFile('not_utf8', 'the file is not UTF-8');
  }
}

/** The lines of NDJSON, each as its bytes; empty ones are none. */
async function* linesOf(body: AsyncIterable<Buffer>): AsyncIterable<{ readonly line: number; readonly bytes: Buffer }> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const part of body) {
    const all = rest.length === 0 ? part : Buffer.concat([rest, part]);
    let start = 0;
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, start)) {
      line += 1;
      if (!isBlank(all, start, end)) yield { line, bytes: all.subarray(start, end) };
      start = end + 1;
    }
    rest = all.subarray(start);
    if (rest.length > LONGEST_ROW)
      throw new BadFile('row_too_long', `a row has at most ${LONGEST_ROW} bytes`, line + 1);
  }
  if (!isBlank(rest, 0, rest.length)) yield { line: line + 1, bytes: rest };
}
const isBlank = (bytes: Buffer, start: number, end: number): boolean =>
  bytes.toString('latin1', start, end).trim() === '';

async function* jsonRows(body: AsyncIterable<Buffer>): AsyncIterable<CsvRow> {
  for await (const { line, bytes } of linesOf(body)) {
    const parsed = parseJson(bytes, { bytes: LONGEST_ROW, depth: DEPTH });
    if (!isRefused(parsed)) yield { line, value: parsed.value as Record<string, unknown> };
    else yield { line, errors: [{ field: 'row', code: parsed.problem.code, message: parsed.problem.detail }] };
  }
}

const fieldErrors = (error: z.ZodError): RowError[] =>
  error.issues.slice(0, 20).map((issue) => ({
    field: issue.path.map(String).join('.') || 'row',
    code: issue.code,
    message: issue.message,
  }));

const checked = ({ line, value, errors }: CsvRow, { badImage }: Reading): ReadRow => {
  if (errors) return { line, errors };
  const parsed = ImportRow.safeParse(value);
  if (!parsed.success) return { line, errors: fieldErrors(parsed.error) };
  const input = inputOf(parsed.data);
  const bad = input.images?.map(({ url }) => badImage(url)).find((text) => text !== undefined);
  return bad === undefined
    ? { line, input }
    : { line, errors: [{ field: 'images', code: 'image_host_not_allowed', message: bad }] };
};

/** Every row of the body. Throws `BadFile` when it cannot be read to its end. */
export async function* readRows(body: AsyncIterable<Buffer>, reading: Reading): AsyncIterable<ReadRow> {
  const bytes = passing(body, reading);
  const rows = reading.format === 'csv' ? csvRows(textOf(bytes), reading.minorUnits, LONGEST_ROW) : jsonRows(bytes);
  let count = 0;
  for await (const row of rows) {
    count += 1;
    if (count > reading.limits.rows)
      throw new BadFile('too_many_rows', `at most ${reading.limits.rows} rows`, row.line);
    yield checked(row, reading);
  }
  if (count === 0) throw new BadFile('empty', 'the file has no rows');
}

/** Parts of `size`, the last one perhaps shorter. */
export async function* inChunks<T>(all: AsyncIterable<T>, size: number): AsyncIterable<readonly T[]> {
  let chunk: T[] = [];
  for await (const one of all) {
    chunk.push(one);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Part by part, each taken while the next is read. Ends, also when the parts break off, when the last one is taken. */
export async function handOver<T>(parts: AsyncIterable<T>, take: (part: T) => Promise<void>): Promise<void> {
  let taking: Promise<void> = Promise.resolve();
  try {
    for await (const part of parts) {
      await taking;
      taking = take(part);
      // Its failure is met where it is waited for.
      taking.catch(() => undefined);
    }
  } finally {
    await taking;
  }
}
