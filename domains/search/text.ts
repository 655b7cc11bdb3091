/**
 * Text as it is searched: the same for all spellings that a reader takes for the same, and cut into tokens. By the rules of
 * Unicode and not by the locale of a database, which knows letters only where somebody has set it up so.
 */

const SPELLINGS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
  ς: 'σ',
  ة: 'ه',
  ى: 'ي',
  ٱ: 'ا',
};
const SPELT = new RegExp(`[${Object.keys(SPELLINGS).join('')}]`, 'gu');
/** Accents of alphabets whose readers leave them out; vowel points of Hebrew and Arabic, and the stroke that stretches it. */
const ACCENTS =
  /\p{Mn}(?<=[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}]\p{Mn}+)|[\u0591-\u05c7\u064b-\u065f\u0670\u0640]/gu;
/** The zeros of other digits: Arabic, Persian, Devanagari, Bengali, Thai. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50];
const DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59]/g;
const digit = (sign: string): string => {
  const code = sign.charCodeAt(0);
  return String(code - ZEROS.find((zero) => code >= zero && code < zero + 10)!);
};

/** In small letters, without accents, ligatures and widths. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(ACCENTS, '')
    .normalize('NFC')
    .replace(SPELT, (letter) => SPELLINGS[letter]!)
    .replace(DIGITS, digit);

/** Letters and digits that belong together. */
const RUN = /[\p{L}\p{M}\p{N}]+/gu;
/** Scripts that write words without spaces between them, or glue to them what other languages put apart. */
const DENSE =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}ー]+/gu;
const SOME_DENSE = new RegExp(DENSE.source, 'u');
/** Characters of a token; what is longer is found by its beginning. */
const LONGEST = 60;

/** A word, or a piece of a dense script: the pairs of neighbours in it, and its last sign. */
export type Piece =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'dense'; readonly signs: readonly string[] };

const wordOf = (text: string): Piece => ({
  kind: 'word',
  text: text.length <= LONGEST ? text : [...text].slice(0, LONGEST).join(''),
});

const split = (run: string): Piece[] => {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { 0: dense, index } of run.matchAll(DENSE)) {
    if (index > at) pieces.push(wordOf(run.slice(at, index)));
    pieces.push({ kind: 'dense', signs: [...dense] });
    at = index + dense.length;
  }
  if (at < run.length) pieces.push(wordOf(run.slice(at)));
  return pieces;
};

export const piecesOf = (text: string): Piece[] =>
  (fold(text).match(RUN) ?? []).flatMap((run) => (SOME_DENSE.test(run) ? split(run) : wordOf(run)));

/** The pairs of neighbours: of ABC they are AB and BC. */
export const pairsOf = (signs: readonly string[]): string[] => signs.slice(1).map((sign, i) => `${signs[i]}${sign}`);

/** What a text is found by, in order: words; of dense scripts pairs, and the last sign, which begins none. */
export const tokensOf = (text: string): string[] =>
  piecesOf(text).flatMap((piece) =>
    piece.kind === 'word' ? [piece.text] : [...pairsOf(piece.signs), piece.signs.at(-1)!],
  );

/** The words of a text that can be misspelt or be gone on with, each once. */
export const wordsOf = (text: string): string[] => [
  ...new Set(piecesOf(text).flatMap((piece) => (piece.kind === 'word' ? [piece.text] : []))),
];
