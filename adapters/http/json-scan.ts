/** One look at the bytes of a JSON text, before it is parsed, for what a parser lets pass in silence. */

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

export type Flaw = 'too deep' | 'a key twice';

/** The index after the closing quote of the string that begins at `start`; the length when it never closes. */
const endOfString = (bytes: Uint8Array, start: number): number => {
  for (let i = start + 1; i < bytes.length; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) return i + 1;
  }
  return bytes.length;
};

/** A key by what it means: `"a"` and `"\u0061"` are the same one. What cannot be read is the parser's business. */
const keyOf = (bytes: Buffer, start: number, end: number): string => {
  const text = bytes.toString('utf8', start, end);
  if (!text.includes('\\')) return text;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
};

/** The first flaw: nesting beyond `most` levels, or a key that an object has twice (parsers disagree which one counts). */
export const flawOf = (bytes: Buffer, most: number): Flaw | undefined => {
  /** Of every open level, the keys so far; of a list, nothing. */
  const levels: (Set<string> | undefined)[] = [];
  let expectsKey = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) {
      const end = endOfString(bytes, i);
      const keys = expectsKey ? levels.at(-1) : undefined;
      if (keys) {
        const key = keyOf(bytes, i, end);
        if (keys.has(key)) return 'a key twice';
        keys.add(key);
      }
      i = end - 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (levels.push(byte === OPEN_BRACE ? new Set() : undefined) > most) return 'too deep';
      expectsKey = byte === OPEN_BRACE;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) levels.pop();
    else if (byte === COMMA) expectsKey = true;
    else if (byte === COLON) expectsKey = false;
  }
  return undefined;
};
