/** Card numbers are told from what only looks like one. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { carriesCard, hasCardNumber, withoutCards } from '../../contracts/cards.ts';

/** Numbers that providers give out for tests; every check of a card number passes. */
const CARDS = ['4242424242424242', '4000 0025 0000 3155', '5555-5555-5555-4444', '378282246310005', '6011111111111117'];

describe('a card number', () => {
  test.each(CARDS)('%s is refused as text, in a sentence, as a number, and deep in a body', (card) => {
    const digits = card.replace(/\D/g, '');
    for (const body of [card, `my card is ${card}.`, Number(digits), { a: [{ b: card }] }, { [card]: true }])
      expect(carriesCard(body)).toBe(true);
  });

  test.each(CARDS)('%s does not reach a log', (card) => {
    const line = withoutCards(`{"path":"/x","body":"${card}","again":"${card} ${card}"}`);
    expect(line).toBe('{"path":"/x","body":"[card]","again":"[card] [card]"}');
  });

  test('with any digit changed is none', () => {
    const digit = fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(digit, ([at, by]) => {
        const digits = [...CARDS[0]!].map((one, i) => (i === at ? (Number(one) + by) % 10 : one));
        expect(hasCardNumber(digits.join(''))).toBe(false);
      }),
    );
  });

  test.each([
    ['a token', 'pm_4242424242424242'],
    ['an id', 'chk-4242424242424242/authorise'],
    ['a telephone number', '+4242424242424'],
    ['a moment', '2026-11-20T20:44:00.000Z'],
    ['a longer number', '42424242424242424242'],
    ['an amount', 1_999],
    ['nothing', null],
  ])('%s is none', (_, value) => {
    expect(carriesCard({ value })).toBe(false);
  });
});
