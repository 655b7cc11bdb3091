/** Structured logs. Fields first, then a constant sentence, so that lines can be grouped by it (pino has this shape). */

export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

/** Paths that must never reach a log in clear, in pino's `redact` notation. */
export const REDACTED: readonly string[] = [
  'authorization',
  'password',
  'token',
  'cookie',
  'refresh_token',
  'passwordHash',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
