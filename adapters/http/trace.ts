/** Request ids and W3C trace context, in and out. */
import { randomUUID } from 'node:crypto';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** The client's id if it is harmless in a log line, else a new one. */
export const requestIdOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();

const hex = (): string => randomUUID().replaceAll('-', '');

/** A new span in the caller's trace, or in a new trace when the header is missing or invalid. */
export const traceparentOf = (header: string | string[] | undefined): string => {
  const found = typeof header === 'string' ? TRACEPARENT.exec(header) : null;
  return `00-${found?.[1] ?? hex()}-${hex().slice(16)}-${found?.[2] ?? '01'}`;
};
