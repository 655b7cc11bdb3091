/** Card numbers must never reach us: how one is told when it comes all the same, in a request or on its way to a log. */

/** 13 to 19 digits, perhaps in groups; not a telephone number, not a part of a longer number or of an id. */
const RUN = /[2-6](?<![\dA-Za-z+._@~-].)(?:[ -]?\d){12,18}(?![\dA-Za-z_@~])/g;

/** The check digit that every card number ends with. */
const isLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
};
const isCard = (run: string): boolean => isLuhn(run.replace(/[ -]/g, ''));

export const hasCardNumber = (text: string): boolean => (text.match(RUN) ?? []).some(isCard);

/** What looks like a card number becomes `[card]`. */
export const withoutCards = (text: string): string => text.replace(RUN, (run) => (isCard(run) ? '[card]' : run));

/** In any text or number of a parsed body, also in the names of its fields. */
export const carriesCard = (value: unknown): boolean => {
  if (typeof value === 'string') return hasCardNumber(value);
  if (typeof value === 'number') return hasCardNumber(String(value));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, part]) => carriesCard(part) || hasCardNumber(name));
};
