/** `Idempotency-Key`: what makes the command's id and its fingerprint, and one request per id at a time. */
import { createHash, randomUUID } from 'node:crypto';
import { problem, type Refused } from './problems.ts';
import type { Reply } from './routes.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** JSON with sorted keys: the same content is the same text, whatever its order and white space. */
export const canonical = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`;
};

export interface Identity {
  readonly commandId: string;
  readonly fingerprint: string | undefined;
}

/** For routes that take no key: nobody can repeat it, so any id will do. */
export const anonymous = (): Identity => ({ commandId: randomUUID(), fingerprint: undefined });

/** The structured-field form `"key"` and the bare form name the same key. */
const bare = (header: string): string => (/^".*"$/.test(header) ? header.slice(1, -1) : header);

/** `scope`: the route with its parameters, so that a key used on two orders is two commands. */
export const identify = (
  header: string | string[] | undefined,
  principal: string,
  scope: string,
  body: unknown,
): Identity | Refused => {
  if (header === undefined || header === '')
    return problem('idempotency_key_missing', 'Send a fresh Idempotency-Key, and the same one when you repeat it.');
  if (typeof header !== 'string' || !KEY.test(bare(header)))
    return problem('idempotency_key_invalid', 'One value of 1 to 255 visible ASCII characters.');
  return { commandId: sha256(`${principal}\n${scope}\n${bare(header)}`), fingerprint: sha256(canonical(body)) };
};

/** Runs `work` unless a request with the same id is running on this node. Other nodes are held off by the actor. */
export const exclusively = async (running: Set<string>, id: string, work: () => Promise<Reply>): Promise<Reply> => {
  if (running.has(id)) return problem('request_in_progress', 'Ask again in a moment.', { retryAfter: 1 });
  running.add(id);
  try {
    return await work();
  } finally {
    running.delete(id);
  }
};
