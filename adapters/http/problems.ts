/** What went wrong, as RFC 9457 problem details with the product's own fields beside them. */

export interface FieldError {
  /** Where: `body.lines.0.quantity`. */
  readonly field: string;
  readonly code: string;
  readonly message: string;
}
export interface Problem {
  readonly status: number;
  /** Stable; clients branch on it. */
  readonly code: string;
  /** For people; may change. */
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  /** What else a client may need, such as the stock that is left. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Seconds; becomes `Retry-After`. */
  readonly retryAfter?: number;
}
/** Something that may be a problem instead. */
export interface Refused {
  readonly problem: Problem;
}
export const isRefused = (value: unknown): value is Refused =>
  typeof value === 'object' && value !== null && 'problem' in value;

/** code -> [HTTP status, title]. Rejections by rule have their own table, `rejections.ts`. */
const KINDS = {
  malformed_json: [400, 'Malformed JSON'],
  malformed_request: [400, 'Malformed request'],
  too_deep: [400, 'Body is nested too deeply'],
  validation_failed: [400, 'Validation failed'],
  idempotency_key_missing: [400, 'Idempotency-Key is required'],
  idempotency_key_invalid: [400, 'Idempotency-Key is invalid'],
  unauthorized: [401, 'Not logged in'],
  invalid_credentials: [401, 'Invalid credentials'],
  invalid_signature: [401, 'Invalid signature'],
  forbidden: [403, 'Not allowed'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  request_in_progress: [409, 'The first request with this key is still running'],
  body_too_large: [413, 'Body is too large'],
  uri_too_long: [414, 'Address is too long'],
  unsupported_media_type: [415, 'Unsupported media type'],
  card_data_refused: [422, 'Card data is not taken'],
  idempotency_key_reused: [422, 'Idempotency-Key was used for another request'],
  rate_limited: [429, 'Too many requests'],
  too_many_headers: [431, 'Too many headers'],
  internal_error: [500, 'Internal error'],
  search_unavailable: [503, 'Search is unavailable'],
  unavailable: [503, 'Temporarily unavailable'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemCode = keyof typeof KINDS;

export const problem = (
  code: ProblemCode,
  detail: string,
  more?: Omit<Problem, 'status' | 'code' | 'detail'>,
): Refused => ({ problem: { status: KINDS[code][0], code, detail, ...more } });

export const notFound = (what: string): Refused =>
  problem('not_found', `There is no such ${what}, or it is not yours.`);

/** `out_of_stock` -> `Out of stock`. */
const words = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ');
const titleOf = (code: string): string => (code in KINDS ? KINDS[code as ProblemCode][1] : words(code));

/** The body of a problem response. */
export const problemBody = (found: Problem, requestId: string, instance: string) => ({
  ...found.extra,
  type: `urn:tradewind:problem:${found.code}`,
  title: titleOf(found.code),
  status: found.status,
  detail: found.detail,
  instance,
  success: false,
  error: titleOf(found.code),
  code: found.code,
  ...(found.errors && { errors: found.errors }),
  request_id: requestId,
});
