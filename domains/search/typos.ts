/** Words that were meant: those that share most of their trigrams, and of them those that few slips lead to. */

/** `  w`, ` wo`, `wor`, `ord`, `rd `: of letters, not of bytes. */
export const trigramsOf = (word: string): string[] => {
  const signs = [' ', ' ', ...word, ' '];
  return [...new Set(signs.slice(2).map((_, i) => signs.slice(i, i + 3).join('')))];
};

/** Slips that are forgiven in a word of that many letters. */
export const forgiven = (letters: number): number => (letters < 3 ? 0 : letters < 6 ? 1 : 2);

/** Letters left out, added, changed, or swapped with their neighbour, that lead from one word to the other. */
export const slips = (from: string, to: string): number => {
  const [a, b] = [[...from], [...to]];
  let [before, last, row] = [[] as number[], [] as number[], b.map((_, j) => j).concat(b.length)];
  for (let i = 1; i <= a.length; i += 1) {
    [before, last, row] = [last, row, [i]];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, before[j - 2]! + 1);
      row[j] = best;
    }
  }
  return row[b.length]!;
};

/** From what is there of a word to as much of another, which may be a letter or two more or less. */
const slipsAhead = (begin: string, other: string): number => {
  const signs = [...other];
  const length = [...begin].length;
  return Math.min(...[-1, 0, 1, 2].map((more) => slips(begin, signs.slice(0, length + more).join(''))));
};

/** The words of `known` that `word` was meant to be, the nearest first, at most `most`. `begun`: only their beginning is there. */
export const meant = (word: string, known: readonly string[], { most = 5, begun = false } = {}): string[] => {
  const length = [...word].length;
  const distance = (other: string) => (begun ? slipsAhead(word, other) : slips(word, other));
  return known
    .map((other) => ({ other, slips: distance(other) }))
    .filter((found) => found.slips > 0 && found.slips <= forgiven(length))
    .sort((a, b) => a.slips - b.slips || (a.other < b.other ? -1 : 1))
    .slice(0, most)
    .map(({ other }) => other);
};
