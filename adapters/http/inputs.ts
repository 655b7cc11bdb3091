/** Path, query and body through the route's schemas: all field errors at once. */
import type { z } from 'zod';
import { type FieldError, problem, type Refused } from './problems.ts';
import type { Route } from './routes.ts';

export interface Inputs {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}
const PARTS = ['params', 'query', 'body'] as const;

const fieldErrors = (part: string, error: z.ZodError): FieldError[] =>
  error.issues.map((issue) => ({
    field: [part, ...issue.path.map(String)].join('.'),
    code: issue.code,
    message: issue.message,
  }));

const hasNul = (value: unknown): boolean =>
  typeof value === 'string' ? value.includes('\0') : Array.isArray(value) && value.some(hasNul);
/** `%00` in a path or query: nothing has such a name, and a database text cannot hold it. */
const nulIn = (record: unknown): boolean => Object.values(record as object).some(hasNul);

/** The parsed parts, or one problem that names every field that is wrong. */
export const parseInputs = (route: Route, raw: Inputs): Inputs | Refused => {
  if (nulIn(raw.params) || nulIn(raw.query)) return problem('malformed_request', 'NUL is not a character here.');
  const parsed: Record<string, unknown> = {};
  let errors: FieldError[] | undefined;
  for (const part of PARTS) {
    const schema = route[part];
    const result = schema?.safeParse(raw[part]);
    if (result?.success) parsed[part] = result.data;
    else if (result) errors = [...(errors ?? []), ...fieldErrors(part, result.error)];
  }
  return errors ? problem('validation_failed', 'Some fields are not as they must be.', { errors }) : (parsed as never);
};
