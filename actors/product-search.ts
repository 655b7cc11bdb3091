/** Product search as buyers know it: words, beginnings of words, and what was meant when nothing is called so. */
import { visibleTo } from '../domains/products/visibility.ts';
import { fold, type Piece, pairsOf, piecesOf } from '../domains/search/text.ts';
import { meant, trigramsOf } from '../domains/search/typos.ts';
import type { Clock } from './ports/clock.ts';
import type { Slice } from './ports/readers.ts';
import type { IndexFilter, ProductSearch, SearchIndex, SearchWish, Suggestions, Term } from './ports/search.ts';

/** Parts of a query; what comes after them is not read. */
const MOST_TERMS = 12;
const SUGGESTED = 8;
/** Letters of a word that may have been misspelt. */
const SHORTEST = 3;

const termOf = (piece: Piece): Term =>
  piece.kind === 'word'
    ? { kind: 'word', anyOf: [piece.text] }
    : { kind: 'dense', signs: piece.signs, pairs: pairsOf(piece.signs) };
const termsOf = (q: string): Term[] => piecesOf(q).slice(0, MOST_TERMS).map(termOf);
const textOf = (term: Term): string => (term.kind === 'word' ? term.anyOf[0]! : term.signs.join(''));

type Spelling = (word: string) => Promise<readonly string[]>;
/** The terms with what may have been meant; undefined: nobody knows better. */
const corrected = async (terms: readonly Term[], spelling: Spelling): Promise<readonly Term[] | undefined> => {
  const all = await Promise.all(
    terms.map(async (term): Promise<Term> => {
      if (term.kind !== 'word') return term;
      const [word] = term.anyOf;
      const others = [...word!].length < SHORTEST ? [] : await spelling(word!);
      return { kind: 'word', anyOf: [word!, ...others] };
    }),
  );
  return all.some((term) => term.kind === 'word' && term.anyOf.length > 1) ? all : undefined;
};
/** A corrected query, as it would have been written: with the best guess of each word. */
const rewritten = (terms: readonly Term[]): string =>
  terms.map((term) => (term.kind === 'word' ? (term.anyOf[1] ?? term.anyOf[0]!) : term.signs.join(''))).join(' ');

export const productSearch = (index: SearchIndex, clock: Clock): ProductSearch => {
  const meantBy: Spelling = async (word) => meant(word, await index.wordsLike(trigramsOf(word)));
  const look = async (filter: IndexFilter, { sort, facets }: SearchWish, slice: Slice) => {
    const [rows, total, counted] = await Promise.all([
      index.page(filter, sort, slice),
      index.count(filter),
      facets ? index.facets(filter) : undefined,
    ]);
    return { rows, total, facets: counted };
  };

  const find: ProductSearch['find'] = async (wish, viewer, slice) => {
    const filter = { ...wish, visible: visibleTo(viewer), now: clock.now() };
    const terms = termsOf(wish.q);
    // Signs alone, such as `%`, are nothing that could be found.
    if (terms.length === 0 && wish.q.trim() !== '') return { rows: [], total: 0 };
    const asked = { ...filter, terms, beginning: fold(wish.q.trim()) };
    const found = await look(asked, wish, slice);
    // Whether a word is misspelt is not for the filters to say.
    const unheard = found.total === 0 && terms.length > 0 && (await index.count({ ...bare(asked) })) === 0;
    const better = unheard ? await corrected(terms, meantBy) : undefined;
    if (!better) return found;
    const searchedFor = rewritten(better);
    const again = await look({ ...filter, terms: better, beginning: searchedFor }, wish, slice);
    return again.total > 0 ? { ...again, searchedFor } : found;
  };

  /** How the last word may go on, and what the query is then. */
  const goOn = async (terms: readonly Term[], filter: IndexFilter): Promise<string[]> => {
    const last = terms.at(-1)!;
    if (last.kind !== 'word') return [];
    const [begin] = last.anyOf;
    const known = await index.wordsInUse({ begin: begin! }, filter);
    const guess = async () =>
      meant(begin!, await index.wordsLike(trigramsOf(begin!).slice(0, -1)), { most: SUGGESTED, begun: true });
    const words = known.length > 0 ? known : await index.wordsInUse(await guess(), filter);
    const before = terms.slice(0, -1).map(textOf);
    return words.slice(0, SUGGESTED).map((word) => [...before, word].join(' '));
  };

  const suggest = async (q: string): Promise<Suggestions> => {
    const terms = termsOf(q);
    if (terms.length === 0) return { queries: [], products: [], categories: [] };
    const visible = visibleTo('everybody');
    const filter: IndexFilter = { visible, now: clock.now(), terms, beginning: fold(q.trim()) };
    const queries = await goOn(terms, filter);
    const [guess] = queries;
    const slice = { offset: 0, limit: SUGGESTED };
    const asWritten = await index.page(filter, 'relevance', slice);
    const better = asWritten.length === 0 && guess ? { ...filter, terms: termsOf(guess), beginning: guess } : filter;
    const products = better === filter ? asWritten : await index.page(better, 'relevance', slice);
    const begins = textOf(better.terms.at(-1)!);
    const categories = (await index.categories(better)).filter(({ value }) => isCalled(value, begins));
    return {
      queries,
      products: products.map(({ productId, title }) => ({ productId, title })),
      categories: categories.slice(0, SUGGESTED),
    };
  };
  return { find, suggest };
};

/** The words of a query alone. */
const bare = ({ visible, terms, beginning, now }: IndexFilter): IndexFilter => ({ visible, terms, beginning, now });

/** The last level of the path has a word that begins so. */
const isCalled = (path: string, begin: string): boolean => {
  const name = fold(path.slice(path.lastIndexOf('/') + 1));
  return piecesOf(name).some((piece) =>
    piece.kind === 'word' ? piece.text.startsWith(begin) : piece.signs.join('').includes(begin),
  );
};
