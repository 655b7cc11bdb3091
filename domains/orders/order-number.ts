/** The number that people read out on the telephone, made of the id alone. */
import type { Id } from '../../contracts/common.ts';

/** Crockford's base 32: no I, L, O, U, nothing to mistake. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 32 bits of the text, in the manner of MurmurHash3; another `seed` gives other bits. Nothing secret rests on it. */
const mix = (text: string, seed: number): number => {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash ^= Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

const letters = (bits: number): string =>
  Array.from({ length: 6 }, (_, i) => LETTERS[(bits >>> (i * 5)) & 31]).join('');

/**
 * `TW-XXXX-XXXX-XXXX`: 60 bits of the order's id. Two orders among a million share a number with odds of one in two
 * million; nothing but reading depends on it.
 */
export const orderNumber = (orderId: Id): string => {
  const text = letters(mix(orderId, 0x9747b28c)) + letters(mix(orderId, 0x51ed270b));
  return `TW-${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}`;
};
