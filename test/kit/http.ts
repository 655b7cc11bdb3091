/** HTTP as tests speak it: JSON in and out. */
export interface Sent {
  readonly as?: string;
  /** `Idempotency-Key`. */
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of all shapes
  readonly json: any;
}

/** One request to a full address. */
export const exchange = async (
  method: string,
  url: string,
  { as, key, body, headers = {} }: Sent = {},
): Promise<Received> => {
  const own = {
    ...(key !== undefined && { 'idempotency-key': key }),
    ...(as && { authorization: `Bearer ${as}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const text = body === undefined ? undefined : JSON.stringify(body);
  return receivedOf(await fetch(url, { method, redirect: 'manual', headers: { ...own, ...headers }, body: text }));
};

const receivedOf = async (response: Response): Promise<Received> => {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get('content-type')?.includes('json') && text !== '';
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined };
};
