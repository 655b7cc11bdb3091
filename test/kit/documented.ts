/** Holds answers against the OpenAPI document: status, media type and shape, so that the document is true. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
}
type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

const document: Document = JSON.parse(
  readFileSync(new URL('../../contracts/openapi.v1.json', import.meta.url), 'utf8'),
);
const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
(formats as unknown as (ajv: Ajv2020) => void)(ajv);
ajv.addSchema(document, 'openapi');

/** `/api/v1/orders/{id}` -> what its addresses look like; paths without parameters first, as routers match. */
const patterns = Object.keys(document.paths)
  .sort((a, b) => a.split('{').length - b.split('{').length)
  .map((path) => [new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`), path] as const);

const pointer = (...parts: readonly string[]): string =>
  parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

const validators = new Map<string, ValidateFunction>();
const validatorAt = (ref: string): ValidateFunction => {
  const found = validators.get(ref) ?? ajv.compile({ $ref: ref });
  validators.set(ref, found);
  return found;
};

export interface Answered {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Its `Content-Type`. */
  readonly type: string | null;
  readonly json: unknown;
}

/** Said once for all routes. */
const GENERAL: ReadonlySet<number> = new Set([405, 414, 429, 431]);

/** What is not as documented; undefined when all is, or when the address is none of ours. */
export const undocumented = ({ method, url, status, type, json }: Answered): string | undefined => {
  const address = url.replace(/^https?:\/\/[^/]+/, '').split('?', 1)[0]!;
  const path = patterns.find(([pattern]) => pattern.test(address))?.[1];
  const operation = path && document.paths[path]![method.toLowerCase()];
  if (!operation || GENERAL.has(status)) return undefined;
  const response = operation.responses[status];
  if (!response) return `${method} ${path} does not say that it answers ${status}: ${JSON.stringify(json)}`;
  const media = type?.split(';')[0];
  if (!response.content) return media ? `${method} ${path} ${status} has a body: ${media}` : undefined;
  if (!media || !response.content[media]) return `${method} ${path} ${status} answers ${media}`;
  if (!media.endsWith('json')) return undefined;
  const place = pointer('paths', path, method.toLowerCase(), 'responses', String(status), 'content', media, 'schema');
  const validate = validatorAt(`openapi#/${place}`);
  return validate(json) ? undefined : `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`;
};
