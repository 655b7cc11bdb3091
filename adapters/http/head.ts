/** The head of a request, bounded, before anybody makes sense of it. Node itself bounds its bytes and its time. */
import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import { problem, type Refused } from './problems.ts';

const MOST_URL = 4_096;
const MOST_HEADERS = 100;

/** Something is percent-encoded that is no UTF-8. */
const isGarbled = (path: string): boolean => {
  try {
    decodeURIComponent(path);
    return false;
  } catch {
    return true;
  }
};

export const headProblem = ({ url = '', rawHeaders }: IncomingMessage): Refused | undefined => {
  if (url.length > MOST_URL) return problem('uri_too_long', `At most ${MOST_URL} characters.`);
  if (rawHeaders.length > 2 * MOST_HEADERS) return problem('too_many_headers', `At most ${MOST_HEADERS} headers.`);
  const [path = ''] = url.split('?', 1);
  return path.includes('%') && isGarbled(path) ? problem('malformed_request', 'The path is not UTF-8.') : undefined;
};

/** `refuse` takes the problem of a head that is not as it must be; nothing else happens to the request then. */
export const checkHead =
  (refuse: (ctx: Parameters<Middleware>[0], refused: Refused) => void): Middleware =>
  (ctx, next) => {
    const refused = headProblem(ctx.req);
    if (!refused) return next();
    refuse(ctx, refused);
    return Promise.resolve();
  };
