/** Imports of products: sent as a file, worked through beside, told row by row. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Principal } from '../../actors/ports/identity.ts';
import type { ImportDesk, Unreadable } from '../../actors/ports/imports.ts';
import { Id } from '../../contracts/common.ts';
import { type ImportFormat, type ImportProgress, RowOutcome } from '../../contracts/imports.ts';
import { leavingRest, skipRest } from './body.ts';
import { BadFile, type MinorUnits } from './import.csv.ts';
import { handOver, inChunks, type Reading, readRows } from './import.read.ts';
import { home, ImportProblem, ImportShape, ReportLine, showImport, showLine } from './imports.shapes.ts';
import { listed, pageFields, pageQuery, sliceOf } from './preferences.ts';
import { notFound, problem, type Refused } from './problems.ts';
import { badImageHost, type ProductsPorts, tags, writers } from './products.desk.ts';
import { ok, type Reply, type Request, type Route, route, type ServerSentEvent } from './routes.ts';
import { ById, concerns, idFrom, is } from './shapes.ts';
import { awaited, streamed, type Watch } from './watching.ts';

export interface ImportsPorts {
  readonly imports: ImportDesk;
  readonly imageHosts: ProductsPorts['imageHosts'];
  readonly minorUnits: MinorUnits;
  /** Bytes of a file. */
  readonly importLimit: number;
}
const MOST_ROWS = 1_000_000;
/** Rows that are stored at once. */
const CHUNK = 500;

const TYPES: Readonly<Record<string, ImportFormat>> = {
  'text/csv': 'csv',
  'application/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
};
export const IMPORT_TYPES: readonly string[] = ['text/csv', 'application/x-ndjson'];
const formatOf = (contentType = ''): ImportFormat | undefined =>
  TYPES[contentType.split(';', 1)[0]!.trim().toLowerCase()];

const readingOf = (ports: ImportsPorts, format: ImportFormat): Reading => ({
  format,
  limits: { bytes: ports.importLimit, rows: MOST_ROWS },
  minorUnits: ports.minorUnits,
  digest: createHash('sha256'),
  badImage: (url) =>
    badImageHost([{ url }], ports) && `${new URL(url).hostname} is none of ${ports.imageHosts.join(', ') || 'nothing'}`,
});

const unreadable = ({ problem: found }: ImportProgress): Refused => {
  const { code, message, line } = found!;
  const status = code === 'too_large' ? 413 : 422;
  return {
    problem: { status, code: `import_${code}`, detail: `The file cannot be read: ${message}.`, extra: { line } },
  };
};
const REUSED = 'The same Idempotency-Key came with another file. Use a new key for a new file.';

/** The file, row by row, no faster than it can be stored. */
const receive = async (
  ports: ImportsPorts,
  importId: string,
  body: IncomingMessage,
  reading: Reading,
): Promise<ImportProgress> => {
  const chunks = body.iterator();
  try {
    const bytes = leavingRest(chunks);
    await handOver(inChunks(readRows(bytes, reading), CHUNK), (rows) => ports.imports.append(importId, rows));
  } catch (error) {
    skipRest(chunks).catch(() => undefined);
    if (!(error instanceof BadFile)) throw error;
    const why: Unreadable = { code: error.code, message: error.message, line: error.line };
    return ports.imports.fail(importId, why);
  }
  return ports.imports.received(importId, reading.digest.digest('base64url'));
};

/** A file that is there already: the same one? */
const compared = async (body: IncomingMessage, digest: string | undefined): Promise<Refused | undefined> => {
  const seen = createHash('sha256');
  for await (const part of body as AsyncIterable<Buffer>) seen.update(part);
  return seen.digest('base64url') === digest ? undefined : problem('idempotency_key_reused', REUSED);
};

const watchOf =
  ({ imports }: ImportsPorts, id: string): Watch<ImportProgress> =>
  (after, signal) =>
    imports.watch(id, after, signal);
/** The end of it, or how far it is when the request has waited. */
const atLast = async (ports: ImportsPorts, progress: ImportProgress, { wait, signal }: Waiting) => {
  const isOver = ({ status }: ImportProgress) => status === 'completed' || status === 'failed';
  return (await awaited(watchOf(ports, progress.importId), isOver, wait, signal())) ?? progress;
};
type Waiting = Pick<Request, 'wait' | 'signal'>;

const accepted = (progress: ImportProgress): Reply => {
  if (progress.status === 'failed') return unreadable(progress);
  const isOver = progress.status === 'completed';
  return {
    status: isOver ? 200 : 202,
    data: showImport(progress),
    headers: { location: home(progress.importId) },
    message: isOver ? 'completed' : 'received; follow the status link',
  };
};

type Sending = Request<Principal, unknown, { readonly seller_id?: string }, unknown>;
const CUT_SHORT = problem('malformed_request', 'The file was cut short. Send it again with the same key.');
const isCutShort = (error: unknown): boolean => (error as { code?: unknown }).code === 'ECONNRESET';

const importFile = async (ports: ImportsPorts, request: Sending): Promise<Reply> => {
  const { principal, query, headers, commandId } = request;
  const body = request.stream!;
  const format = formatOf(headers['content-type']);
  if (!format) return problem('unsupported_media_type', `Send ${IMPORT_TYPES.join(' or ')} in UTF-8.`);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return problem('unsupported_media_type', 'Send the file without a content coding.');
  if (Number(headers['content-length'] ?? 0) > ports.importLimit)
    return problem('body_too_large', `At most ${ports.importLimit} bytes.`);
  const importId = idFrom('imp', commandId);
  const sellerId = (is(principal, 'admin') && query.seller_id) || principal.userId;
  const { progress, digest } = await ports.imports.begin({ importId, sellerId, by: principal.userId, format });
  if (progress.status === 'failed') return unreadable(progress);
  const isNew = progress.status === 'receiving';
  const refused = isNew ? undefined : await compared(body, digest);
  if (refused) return refused;
  const received = isNew ? await receive(ports, importId, body, readingOf(ports, format)) : progress;
  ports.imports.run(received);
  const isAwaited = request.wait > 0 && received.status === 'running';
  return accepted(isAwaited ? await atLast(ports, received, request) : received);
};

const send = (ports: ImportsPorts): Route =>
  route({
    method: 'post',
    path: '/api/v1/products/import',
    summary: 'Import products from CSV or NDJSON; sent again with the same key it goes on where it was',
    tags,
    roles: writers,
    limit: 'write',
    waits: true,
    stream: IMPORT_TYPES,
    query: z.object({ seller_id: Id.optional().describe('for admins; a seller is the seller') }),
    responses: {
      200: { description: 'Completed while waiting', data: ImportShape },
      202: { description: 'Received; Location is the status link', data: ImportShape },
    },
    problems: ImportProblem,
    handle: (request) =>
      importFile(ports, request).catch((error) => {
        if (isCutShort(error)) return CUT_SHORT;
        throw error;
      }),
  });

const mine = async ({ imports }: ImportsPorts, id: string, who: Principal): Promise<ImportProgress | undefined> => {
  const progress = await imports.byId(id);
  return progress && concerns(who, [progress.sellerId], 'admin') ? progress : undefined;
};

const list = ({ imports }: ImportsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/products/imports',
    summary: 'Own imports; admins see all',
    tags,
    roles: writers,
    limit: 'read',
    query: pageQuery,
    responses: { 200: { description: 'Imports, newest first', data: z.array(ImportShape), paged: true } },
    handle: async ({ query, principal }) => {
      const slice = sliceOf(query);
      const found = await imports.list(is(principal, 'admin') ? undefined : principal.userId, slice);
      return listed(found, slice, showImport);
    },
  });

const detail = (ports: ImportsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/products/imports/{id}',
    summary: 'How far is it? Prefer: wait=n waits for the end',
    tags,
    roles: writers,
    limit: 'read',
    waits: true,
    params: ById,
    responses: { 200: { description: 'The import', data: ImportShape } },
    handle: async (request) => {
      const progress = await mine(ports, request.params.id, request.principal);
      if (!progress) return notFound('import');
      return ok(showImport(request.wait > 0 ? await atLast(ports, progress, request) : progress));
    },
  });

const told = (progress: ImportProgress): ServerSentEvent => {
  const data = showImport(progress);
  return { id: String(data.version), event: data.status, data };
};

const events = (ports: ImportsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/products/imports/{id}/events',
    summary: 'Its progress as server-sent events; Last-Event-ID goes on where it was',
    tags,
    roles: writers,
    limit: 'read',
    params: ById,
    responses: { 200: { description: 'One event per chunk of rows', type: 'text/event-stream' } },
    handle: async (request) => {
      const { id } = request.params;
      if (!(await mine(ports, id, request.principal))) return notFound('import');
      return streamed(watchOf(ports, id), request, told);
    },
  });

const report = (ports: ImportsPorts): Route =>
  route({
    method: 'get',
    path: '/api/v1/products/imports/{id}/report',
    summary: 'What became of each row',
    tags,
    roles: writers,
    limit: 'read',
    params: ById,
    query: z.object({ ...pageFields, outcome: RowOutcome.optional() }),
    responses: { 200: { description: 'Rows, in the order of the file', data: z.array(ReportLine), paged: true } },
    handle: async ({ params, query, principal }) => {
      if (!(await mine(ports, params.id, principal))) return notFound('import');
      const slice = sliceOf(query);
      return listed(await ports.imports.report(params.id, { outcome: query.outcome }, slice), slice, showLine);
    },
  });

export const importsRoutes = (ports: ImportsPorts): readonly Route[] => [
  send(ports),
  list(ports),
  detail(ports),
  events(ports),
  report(ports),
];
