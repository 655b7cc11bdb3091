/** Verifying an address and resetting a password: rights that are good once. */
import { describe, expect, test } from '@jest/globals';
import { ticketTokens } from '../../adapters/crypto/tokens.ts';
import type { User, UserEvent } from '../../domains/accounts/user.ts';
import { hours, minutes, plus, seconds } from '../../domains/kernel/time.ts';
import { given, replay } from '../kit/given.ts';
import { noon, registered, rules, userId } from './ada.ts';

const later = plus(noon, hours(1));
const started: UserEvent = { type: 'SessionStarted', userId, sessionId: 's1', expiresAt: later, at: noon };
const issued = (purpose: 'verify-email' | 'reset-password', ticketId = 't1', at = noon): UserEvent => ({
  type: 'TicketIssued',
  userId,
  ticketId,
  purpose,
  expiresAt: later,
  at,
});
const verified: UserEvent = { type: 'EmailVerified', userId, at: noon };
const ask = (ticketId: string) => ({ type: 'RequestPasswordReset', ticketId, expiresAt: later }) as const;
const reset = (ticketId: string) => ({ type: 'ResetPassword', ticketId, passwordHash: 'hash-2' }) as const;
const stateAfter = (...events: UserEvent[]) => replay(rules, events) as User;

describe('tickets', () => {
  test('a registration that names one asks for the address to be verified', () =>
    given(rules)
      .at(noon)
      .when({
        type: 'Register',
        email: 'ada@example.com',
        passwordHash: 'hash-1',
        verification: { ticketId: 't1', expiresAt: later },
      })
      .thenEvents({ type: 'UserRegistered' }, { type: 'TicketIssued', purpose: 'verify-email', ticketId: 't1' }));

  test('a second one within a minute is not issued: mailboxes are not flooded', () =>
    given(rules, registered, issued('reset-password'))
      .at(plus(noon, seconds(59)))
      .when(ask('t2'))
      .thenNothing());

  test('a later one takes the place of the first, whose link counts no longer', () => {
    const state = [registered, issued('reset-password'), issued('reset-password', 't2', plus(noon, minutes(2)))];
    given(rules, ...state)
      .at(plus(noon, minutes(3)))
      .when(reset('t1'))
      .thenRejects({ type: 'TicketOver' });
  });

  test('nobody is asked to verify what is verified', () =>
    given(rules, registered, verified)
      .at(noon)
      .when({ type: 'RequestVerification', ticketId: 't9', expiresAt: later })
      .thenNothing());

  test.each([
    ['an unknown one', 'other', plus(noon, minutes(5))],
    ['one that is over', 't1', later],
  ])('%s proves nothing', (_, ticketId, at) => {
    const known = [registered, issued('reset-password'), issued('verify-email', 'v1')];
    given(rules, ...known)
      .at(at)
      .when(reset(ticketId))
      .thenRejects({ type: 'TicketOver' });
    given(rules, ...known)
      .at(at)
      .when({ type: 'VerifyEmail', ticketId })
      .thenRejects({ type: 'TicketOver' });
  });

  test('one for the address does not set a password', () =>
    given(rules, registered, issued('verify-email'))
      .at(plus(noon, minutes(5)))
      .when(reset('t1'))
      .thenRejects({ type: 'TicketOver' }));

  test('a deactivated user gets none and uses none', () => {
    const gone: UserEvent = { type: 'UserDeactivated', userId, tokenVersion: 2, reason: 'x', by: 'boss', at: noon };
    const at = given(rules, registered, issued('reset-password'), gone).at(plus(noon, minutes(5)));
    at.when(reset('t1')).thenRejects({ type: 'AccountDeactivated' });
    at.when(ask('t2')).thenRejects({ type: 'AccountDeactivated' });
  });
});

describe('a new password by mail', () => {
  const known = [registered, started, issued('reset-password')];
  test('ends every session, raises the version, and proves the address', () =>
    given(rules, ...known)
      .at(plus(noon, minutes(5)))
      .when(reset('t1'))
      .thenEvents(
        { type: 'SessionEnded', sessionId: 's1', reason: 'password-changed' },
        { type: 'PasswordChanged', tokenVersion: 2 },
        { type: 'EmailVerified' },
      ));

  test('takes the lock away, and is good once', () => {
    const failed: UserEvent = { type: 'LoginFailed', userId, failures: 5, at: noon };
    const locked: UserEvent = { type: 'UserLocked', userId, until: plus(noon, minutes(15)), at: noon };
    const at = plus(noon, minutes(5));
    const { events } = rules.decide(reset('t1'), stateAfter(...known, failed, locked), at);
    const state = stateAfter(...known, failed, locked, ...events!);
    expect(state).toMatchObject({ passwordHash: 'hash-2', failures: 0, lockedUntil: undefined, emailVerifiedAt: at });
    expect([state.sessions.size, state.tickets.size]).toEqual([0, 0]);
    expect(rules.decide(reset('t1'), state, at)).toEqual({ rejection: { type: 'TicketOver' } });
  });

  test('has no secret in what is told', () => {
    const { events } = rules.decide(reset('t1'), stateAfter(...known), plus(noon, minutes(5)));
    expect(JSON.stringify(events)).not.toContain('hash-2');
  });
});

describe('what became of a mail', () => {
  const record = { type: 'RecordMail', ticketId: 't1', outcome: 'sent' } as const;
  test('is kept with its ticket, once', () => {
    const known = [registered, issued('reset-password')];
    const { events } = rules.decide(record, stateAfter(...known), noon);
    expect(events).toMatchObject([{ type: 'TicketMailed', purpose: 'reset-password', outcome: 'sent' }]);
    const state = stateAfter(...known, ...events!);
    expect(state.tickets.get('reset-password')).toMatchObject({ ticketId: 't1', mail: 'sent' });
    expect(rules.decide(record, state, noon).events).toEqual([]);
  });
  test('is no news when the ticket was used before', () =>
    given(rules, registered, verified).at(noon).when(record).thenNothing());
});

describe('tokens', () => {
  const tokens = ticketTokens('a secret that is long enough for tests');
  const claims = { purpose: 'reset-password', userId: 'u1', ticketId: 't1' } as const;
  const token = tokens.write(claims);
  test('say what they are for, and are the same for the same ticket', () => {
    expect(tokens.read('reset-password', token)).toEqual(claims);
    expect(tokens.write(claims)).toBe(token);
  });
  test.each([
    ['another purpose', 'verify-email', token],
    ['another ticket', 'reset-password', token.replace('dDE', 'dDI')],
    ['another secret', 'reset-password', ticketTokens('another secret that is long enough').write(claims)],
    ['a purpose that was changed in it', 'verify-email', token.replace('reset-password', 'verify-email')],
    ['nonsense', 'reset-password', 'tm1.a.b.c.d'],
  ] as const)('are refused: %s', (_, purpose, text) => expect(tokens.read(purpose, text)).toBeUndefined());
});
