/** The body of a request: bounded, complete, JSON, not too deep, and free of what Postgres cannot store. */
import type { IncomingMessage } from 'node:http';
import readRaw from 'raw-body';
import { flawOf } from './json-scan.ts';
import { problem, type Refused } from './problems.ts';

export interface BodyLimits {
  /** Bytes. */
  readonly bytes: number;
  /** Levels of nesting. */
  readonly depth: number;
}

const JSON_TYPE = /^application\/(json|[a-z0-9.+-]+\+json)\s*(;\s*charset=("?)utf-?8\3\s*)?$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

const tooLarge = (limits: BodyLimits) => problem('body_too_large', `At most ${limits.bytes} bytes.`);

/** What a failed read means. Anything else is a fault and thrown on. */
const failedRead = (error: unknown, limits: BodyLimits): Refused => {
  const type = (error as { type?: string }).type;
  if (type === 'entity.too.large') return tooLarge(limits);
  if (type === 'request.aborted' || type === 'request.size.invalid')
    return problem('malformed_request', 'The body is not as long as Content-Length says.');
  throw error;
};

/** All bytes, or a problem: 413 (without reading on), 415 for a content coding, 400 for a body cut short. */
export const readBytes = async (req: IncomingMessage, limits: BodyLimits): Promise<Buffer | Refused> => {
  const length = req.headers['content-length'];
  if (length !== undefined && Number(length) > limits.bytes) return tooLarge(limits);
  const coding = req.headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity')
    return problem('unsupported_media_type', 'Send the body without a content coding.');
  try {
    return await readRaw(req, { length, limit: limits.bytes });
  } catch (error) {
    return failedRead(error, limits);
  }
};

export const isJson = (contentType: string | undefined): boolean =>
  contentType !== undefined && JSON_TYPE.test(contentType);

const NUL = /(?<!\\)(?:\\\\)*\\u0000/;
const SURROGATE = /\\ud[89a-f]/i;
/** Characters that JSON can write and a database text cannot hold: NUL, and halves of a surrogate pair. */
const unstorable = (text: string, value: unknown): boolean =>
  NUL.test(text) || (SURROGATE.test(text) && SURROGATE.test(JSON.stringify(value)));

/** The parsed JSON, or the problem with it. */
export const parseJson = (bytes: Buffer, limits: BodyLimits): { readonly value: unknown } | Refused => {
  const flaw = flawOf(bytes, limits.depth);
  if (flaw === 'too deep') return problem('too_deep', `At most ${limits.depth} levels.`);
  if (flaw) return problem('malformed_json', 'An object has the same key twice.');
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    if (text.includes('\\u') && unstorable(text, value))
      return problem('malformed_json', 'The body has characters that cannot be stored (NUL, half of a pair).');
    return { value };
  } catch {
    return problem('malformed_json', 'The body is not valid JSON in UTF-8.');
  }
};

/** Whoever stops reading leaves the rest to be read: without `return` nothing is closed. */
export const leavingRest = (chunks: AsyncIterator<Buffer>): AsyncIterable<Buffer> => ({
  [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }),
});
/** What nobody wants any more: the connection takes no other request before it is read. */
export const skipRest = async (chunks: AsyncIterator<Buffer>): Promise<void> => {
  while (!(await chunks.next()).done);
};
