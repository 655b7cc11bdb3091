/** A user who registered at noon. */
import { type UserEvent, user } from '../../domains/accounts/user.ts';
import { withheld } from '../../domains/kernel/withheld.ts';

export const noon = '2026-03-01T12:00:00.000Z';
export const rules = user('u1');
export const userId = 'u1';
export const registered: UserEvent = {
  type: 'UserRegistered',
  userId,
  roles: ['customer'],
  tokenVersion: 1,
  at: noon,
  [withheld]: { email: 'ada@example.com', passwordHash: 'hash-1' },
};
