/** Request ids and W3C trace context, in and out. */
import { randomFillSync, randomUUID } from 'node:crypto';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** The client's id if it is harmless in a log line, else a new one. */
export const requestIdOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();

/** Bytes of a trace's name and of a span's. */
const [TRACE, SPAN] = [16, 8];
/** Chance is bought in bulk. */
const chance = Buffer.alloc(256 * (TRACE + SPAN));
let used = chance.length;
/** The next so many bytes of it, in hexadecimal digits. */
const hex = (bytes: number): string => {
  if (used + bytes > chance.length) {
    randomFillSync(chance);
    used = 0;
  }
  used += bytes;
  return chance.toString('hex', used - bytes, used);
};

/** A new span in the caller's trace, or in a new trace when the header is missing or invalid. */
export const traceparentOf = (header: string | string[] | undefined): string => {
  const found = typeof header === 'string' ? TRACEPARENT.exec(header) : null;
  return `00-${found?.[1] ?? hex(TRACE)}-${hex(SPAN)}-${found?.[2] ?? '01'}`;
};
