/** What counts as the same word, and where words begin and end, in the scripts that titles are written in. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, piecesOf, tokensOf, wordsOf } from '../../domains/search/text.ts';
import { forgiven, meant, slips, trigramsOf } from '../../domains/search/typos.ts';

describe('text is folded', () => {
  test.each([
    ['Schreibtischleuchte »Föhr«', 'schreibtischleuchte »fohr«'],
    ['Größe', 'grosse'],
    ['Łódź, Ærø', 'lodz, aero'],
    ['ELEVEN ＴＥＡ', 'eleven tea'],
    ['Чайник ЁЖ', 'чаиник еж'],
    ['Ελαιόλαδο ΣΟΦΟΣ', 'ελαιολαδο σοφοσ'],
    ['שָׁלוֹם', 'שלום'],
    ['قَهْوَة عـــربية', 'قهوه عربيه'],
    ['أحمد', 'احمد'],
    ['٢٥٠ غراماً', '250 غراما'],
    ['१०० ग्राम', '100 ग्राम'],
    ['が', 'が'],
    ['İstanbul', 'istanbul'],
  ])('%s', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  test('folding twice changes nothing', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => fold(fold(text)) === fold(text)));
  });
});

describe('text is cut', () => {
  test.each([
    ['Hiking Boots “Ridge”', ['hiking', 'boots', 'ridge']],
    ['SHIRT-M-SAND', ['shirt', 'm', 'sand']],
    ['गरम मसाला', ['गरम', 'मसाला']],
    ['手作りの抹茶', ['手作', '作り', 'りの', 'の抹', '抹茶', '茶']],
    ['전통 한지', ['전통', '통', '한지', '지']],
    ['茶', ['茶']],
    ['USB充電器2個', ['usb', '充電', '電器', '器', '2', '個']],
    ['コーヒー', ['コー', 'ーヒ', 'ヒー', 'ー']],
    ['%_\\ \' "', []],
  ])('%s', (text, tokens) => {
    expect(tokensOf(text)).toEqual(tokens);
  });

  test('no token can end a quotation, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) =>
        tokensOf(text).every((token) => /^[\p{L}\p{M}\p{N}]+$/u.test(token)),
      ),
    );
  });

  test('a token is never longer than an index takes', () => {
    expect(piecesOf('a'.repeat(20_000))).toEqual([{ kind: 'word', text: 'a'.repeat(60) }]);
    expect(wordsOf('tea Tea TEÁ')).toEqual(['tea']);
  });
});

describe('what was meant', () => {
  test.each([
    ['tepot', 'teapot', 1],
    ['lmap', 'lamp', 1],
    ['чаиник', 'чайник', 1],
    ['kettle', 'kettle', 0],
    ['kettel', 'kettle', 1],
    ['', 'tea', 3],
    ['tea', '', 3],
    ['boots', 'lamp', 5],
  ])('from %s to %s', (from, to, count) => {
    expect(slips(from, to)).toBe(count);
  });

  test('slips are as many one way as the other, and none only from a word to itself', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 8 });
    fc.assert(fc.property(word, word, (a, b) => slips(a, b) === slips(b, a) && (slips(a, b) === 0) === (a === b)));
  });

  test('short words must be right, long ones may have two slips', () => {
    expect([2, 3, 5, 6, 20].map(forgiven)).toEqual([0, 1, 1, 2, 2]);
    expect(meant('lamb', ['lamp', 'limb', 'lamps', 'boots', 'lamb'])).toEqual(['lamp', 'limb']);
    expect(meant('te', ['tea', 'to'])).toEqual([]);
    expect(meant('schrieb', ['schreibtisch', 'schirm'], { begun: true })).toEqual(['schreibtisch']);
  });

  test('a word and what it was meant to be share a trigram', () => {
    expect(trigramsOf('чай')).toEqual(['  ч', ' ча', 'чай', 'ай ']);
    const shared = trigramsOf('teapot').filter((one) => trigramsOf('tepot').includes(one));
    expect(shared).toEqual(['  t', ' te', 'pot', 'ot ']);
  });
});
