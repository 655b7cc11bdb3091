// Kinds of settings that more than one file of them needs.
import * as z from 'zod';

export const urlOf = (...protocols: string[]) =>
  z
    .url({
      protocol: new RegExp(`^(${protocols.join('|')})$`),
      error: `must be a URL that starts with ${protocols.map((name) => `${name}://`).join(' or ')}`,
    })
    .transform((url) => url.replace(/\/$/, ''));

/** `a, b` -> `['a', 'b']`. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
