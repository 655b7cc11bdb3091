/** Arrays of texts in the server's own form: nothing is escaped on this side, nothing is parsed on that one. */

/** The type id of `text`. */
const TEXT = 25;
/** Bytes before the first element: dimensions, whether there are nulls, type; length and lower bound of the one dimension. */
const HEAD = 20;
/** The length of what is not there. */
const NULL = -1;
/** Bytes of UTF-8 that a unit of a JavaScript string takes at most. */
const WIDEST = 3;

type Text = string | null | undefined;

/** Grows to the largest array so far: to know each length beforehand would take a second look at every text. */
let scratch = Buffer.allocUnsafe(65_536);
const reserve = (bytes: number): void => {
  if (bytes > scratch.length) scratch = Buffer.allocUnsafe(bytes * 2);
};

const mostBytes = (texts: readonly Text[]): number => {
  let bytes = HEAD;
  for (const text of texts) bytes += 4 + (text?.length ?? 0) * WIDEST;
  return bytes;
};

/** Writes one element at `at`; returns where it ends. */
const put = (text: Text, at: number): number => {
  if (typeof text !== 'string') return scratch.writeInt32BE(NULL, at);
  const length = scratch.write(text, at + 4);
  scratch.writeInt32BE(length, at);
  return at + 4 + length;
};

/** A value for a parameter of type `text[]`; the driver sends buffers as they are. */
export const textArray = (texts: readonly Text[]): Buffer => {
  reserve(mostBytes(texts));
  let end = HEAD;
  let nulls = 0;
  for (const text of texts) {
    end = put(text, end);
    if (typeof text !== 'string') nulls = 1;
  }
  for (const [i, value] of [1, nulls, TEXT, texts.length, 1].entries()) scratch.writeInt32BE(value, i * 4);
  return Buffer.from(scratch.subarray(0, end));
};
