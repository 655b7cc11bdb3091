/** Form encoding with nested names, as Stripe takes it: `metadata[a]=1&expand[0]=b` -> `{metadata: {a: '1'}, expand: ['b']}`. */
export type Form = { readonly [name: string]: string | Form | readonly (string | Form)[] };

type Open = Record<string, unknown>;
const isList = (value: Open): boolean => Object.keys(value).every((name) => /^\d+$/.test(name));
const closed = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, closed(part)]));
  return Object.keys(parts).length > 0 && isList(parts) ? Object.values(parts) : parts;
};

export const parseForm = (pairs: Iterable<readonly [string, string]>): Form => {
  const root: Open = {};
  for (const [name, value] of pairs) {
    const path = [...name.matchAll(/[^[\]]+|(?<=\[)(?=\])/g)].map(([part]) => part);
    let place = root;
    for (const [i, raw] of path.entries()) {
      const part = raw === '' ? String(Object.keys(place).length) : raw;
      if (i === path.length - 1) place[part] = value;
      else {
        place[part] ??= {};
        place = place[part] as Open;
      }
    }
  }
  return closed(root) as Form;
};
