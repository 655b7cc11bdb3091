/** What the mails say. Plain text; the link's token stands behind `#`, so that no server on the way logs it. */
import type { Purpose } from '../../contracts/accounts.ts';

export interface Facts {
  readonly name?: string;
  readonly token: string;
  /** Of the shop's pages, without a slash at the end. */
  readonly shop: string;
  readonly expiresAt: string;
}
interface Letter {
  readonly subject: string;
  readonly asks: string;
  readonly page: string;
  readonly otherwise: string;
}

const LETTERS: Readonly<Record<Purpose, Letter>> = {
  'verify-email': {
    subject: 'Please confirm your e-mail address',
    asks: 'please confirm that this is your e-mail address:',
    page: 'verify-email',
    otherwise: 'If you have not registered, you need not do anything.',
  },
  'reset-password': {
    subject: 'Set a new password',
    asks: 'somebody, we hope you, has forgotten the password. Set a new one here:',
    page: 'reset-password',
    otherwise: 'If it was not you, you need not do anything: the password stays as it is.',
  },
};

/** `2026-03-01T12:00:00.000Z` -> `2026-03-01 12:00 UTC`. */
const readable = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;
/** A name is what somebody typed: one line of it, without anything that a mail program would make a link of. */
const greeting = (name: string | undefined): string =>
  name === undefined
    ? 'Hello,'
    : `Hello ${name
        .replace(/[\p{C}\s]+/gu, ' ')
        .replace(/[/:.@]/g, ' ')
        .trim()},`;

export const letter = (purpose: Purpose, { name, token, shop, expiresAt }: Facts) => {
  const { subject, asks, page, otherwise } = LETTERS[purpose];
  const lines = [
    ...[greeting(name), '', asks, '', `${shop}/${page}#token=${token}`, ''],
    `The link is good once, until ${readable(expiresAt)}.`,
    otherwise,
  ];
  return { subject, text: `${lines.join('\n')}\n` };
};
