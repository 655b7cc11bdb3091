import { describe, expect, test } from '@jest/globals';
import { replyOf, type User, type UserEvent } from '../../domains/accounts/user.ts';
import { minutes, plus, seconds } from '../../domains/kernel/time.ts';
import { given, replay } from '../kit/given.ts';
import { noon, registered, rules, userId } from './ada.ts';

const nextMonth = '2026-04-01T12:00:00.000Z';
const started = (sessionId: string, at = noon): UserEvent => ({
  type: 'SessionStarted',
  userId,
  sessionId,
  expiresAt: nextMonth,
  at,
});
const refreshed = (generation: number, at = noon): UserEvent => ({
  type: 'SessionRefreshed',
  userId,
  sessionId: 's1',
  generation,
  at,
});
const failed = (failures: number): UserEvent => ({ type: 'LoginFailed', userId, failures, at: noon });
const locked: UserEvent = { type: 'UserLocked', userId, until: plus(noon, minutes(15)), at: noon };
const deactivated: UserEvent = {
  type: 'UserDeactivated',
  userId,
  tokenVersion: 2,
  reason: 'fraud',
  by: 'boss',
  at: noon,
};
const login = { type: 'StartSession', sessionId: 's9', expiresAt: nextMonth } as const;
const wrong = { type: 'RecordFailedLogin' } as const;
const refresh = (generation: number) => ({ type: 'RotateRefresh', sessionId: 's1', generation }) as const;

describe('registering', () => {
  const register = {
    type: 'Register',
    email: 'ada@example.com',
    passwordHash: 'hash-1',
    name: 'Ada Lovelace',
    phone: '+14155550100',
    session: { sessionId: 's1', expiresAt: nextMonth },
  } as const;

  test('makes a customer with a first session', () =>
    given(rules)
      .at(noon)
      .when(register)
      .thenEvents(
        { type: 'UserRegistered', roles: ['customer'], tokenVersion: 1 },
        { type: 'SessionStarted', sessionId: 's1' },
      ));

  test('tells nobody the e-mail, the name, the phone or the hash, but keeps them', () => {
    const { events } = rules.decide(register, rules.initial(), noon);
    expect(JSON.stringify(events)).not.toMatch(/ada|hash-1|4155550100/i);
    const { type: _, ...body } = events![0]!;
    expect(JSON.stringify(body)).not.toMatch(/ada|hash-1|4155550100/i);
    expect(replay(rules, events!)).toMatchObject({
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      passwordHash: 'hash-1',
    });
  });
  test('again with the same address is already so; with another the id is taken', () => {
    given(rules, registered).at(noon).when(register).thenNothing();
    given(rules, registered)
      .at(noon)
      .when({ ...register, email: 'bob@example.com' })
      .thenRejects({ type: 'UserIdTaken' });
  });
  test('nothing else can happen to somebody unknown', () =>
    given(rules).at(noon).when(login).thenRejects({ type: 'UnknownUser', userId }));
});

describe('lock-out', () => {
  const fourTimes = [1, 2, 3, 4].map(failed);
  test('the fifth failure locks for a quarter of an hour', () =>
    given(rules, registered, ...fourTimes)
      .at(noon)
      .when(wrong)
      .thenEvents({ type: 'LoginFailed', failures: 5 }, { type: 'UserLocked', until: plus(noon, minutes(15)) }));
  test('a success forgets the failures', () =>
    given(rules, registered, ...fourTimes, started('s1'))
      .at(noon)
      .when(wrong)
      .thenEvents({ type: 'LoginFailed', failures: 1 }));
  test('while locked even the right password is refused, and failures count for nothing', () => {
    const before = given(rules, registered, ...fourTimes, failed(5), locked).at(plus(noon, minutes(14)));
    before.when(login).thenRejects({ type: 'AccountLocked', until: plus(noon, minutes(15)) });
    before.when(wrong).thenRejects({ type: 'AccountLocked', until: plus(noon, minutes(15)) });
  });
  test('time unlocks, and the counting starts anew', () => {
    const after = given(rules, registered, ...fourTimes, failed(5), locked).at(plus(noon, minutes(15)));
    after.when(login).thenEvents({ type: 'SessionStarted' });
    after.when(wrong).thenEvents({ type: 'LoginFailed', failures: 1 });
  });
});

describe('refreshing', () => {
  const open = [registered, started('s1')];
  test('the newest generation is replaced by the next', () =>
    given(rules, ...open, refreshed(2))
      .at(noon)
      .when(refresh(2))
      .thenEvents({ type: 'SessionRefreshed', generation: 3 }));
  test('the last one again within ten seconds is already so', () =>
    given(rules, ...open, refreshed(2))
      .at(plus(noon, seconds(9)))
      .when(refresh(1))
      .thenNothing());
  test('the last one after ten seconds, or an older one at any time, was copied', () => {
    given(rules, ...open, refreshed(2))
      .at(plus(noon, seconds(10)))
      .when(refresh(1))
      .thenRejects({ type: 'RefreshTokenReused' });
    given(rules, ...open, refreshed(2), refreshed(3))
      .at(noon)
      .when(refresh(1))
      .thenRejects({ type: 'RefreshTokenReused' });
  });
  test('an ended, expired or never issued one is over', () => {
    const ended: UserEvent = { type: 'SessionEnded', userId, sessionId: 's1', reason: 'logout', at: noon };
    given(rules, ...open, ended)
      .at(noon)
      .when(refresh(1))
      .thenRejects({ type: 'SessionOver' });
    given(rules, ...open)
      .at(nextMonth)
      .when(refresh(1))
      .thenRejects({ type: 'SessionOver' });
    given(rules, ...open)
      .at(noon)
      .when(refresh(2))
      .thenRejects({ type: 'SessionOver' });
  });
  test('is not for the deactivated', () =>
    given(rules, ...open, deactivated)
      .at(noon)
      .when(refresh(1))
      .thenRejects({ type: 'AccountDeactivated' }));
});

describe('sessions', () => {
  test('logging out ends one, once', () => {
    const logout = { type: 'EndSession', sessionId: 's1', reason: 'logout' } as const;
    given(rules, registered, started('s1')).at(noon).when(logout).thenEvents({ type: 'SessionEnded', sessionId: 's1' });
    given(rules, registered).at(noon).when(logout).thenNothing();
  });
  test('a new password ends all others and every access token', () =>
    given(rules, registered, started('s1'), started('s2'))
      .at(noon)
      .when({ type: 'ChangePassword', passwordHash: 'hash-2', keepSession: 's2' })
      .thenEvents(
        { type: 'SessionEnded', sessionId: 's1', reason: 'password-changed' },
        { type: 'PasswordChanged', tokenVersion: 2 },
      ));
  test('the twenty-first login replaces the one refreshed longest ago; expired ones go first', () => {
    const many = Array.from({ length: 20 }, (_, i) => started(`s${100 + i}`, plus(noon, i)));
    given(rules, registered, ...many)
      .at(plus(noon, 50))
      .when(login)
      .thenEvents({ type: 'SessionEnded', sessionId: 's100', reason: 'replaced' }, { type: 'SessionStarted' });
    const { events } = rules.decide(
      { ...login, expiresAt: '2027-01-01T00:00:00.000Z' },
      replay(rules, [registered, ...many]),
      nextMonth,
    );
    expect(events).toHaveLength(21);
    expect(events![0]).toMatchObject({ reason: 'expired' });
  });
  test('the same login twice is one session', () =>
    given(rules, registered, started('s9')).at(noon).when(login).thenNothing());
});

describe('roles and status', () => {
  const by = 'boss';
  test('a role more, a role less, the whole list: tokens of before end', () => {
    const more = given(rules, registered).at(noon).when({ type: 'AssignRole', role: 'seller', by });
    more.thenEvents({ type: 'RolesChanged', roles: ['customer', 'seller'], tokenVersion: 2 });
    given(rules, registered).at(noon).when({ type: 'AssignRole', role: 'customer', by }).thenNothing();
    given(rules, registered)
      .at(noon)
      .when({ type: 'SetRoles', roles: ['admin', 'admin'], by })
      .thenEvents({ type: 'RolesChanged', roles: ['admin'] });
    given(rules, registered)
      .at(noon)
      .when({ type: 'RevokeRole', role: 'customer', by })
      .thenRejects({ type: 'LastRole' });
  });
  test('deactivation ends everything and refuses logins until it is taken back', () => {
    const deactivate = { type: 'Deactivate', reason: 'fraud', by } as const;
    given(rules, registered, started('s1'))
      .at(noon)
      .when(deactivate)
      .thenEvents({ type: 'SessionEnded', reason: 'deactivated' }, { type: 'UserDeactivated', tokenVersion: 2 });
    given(rules, registered, deactivated).at(noon).when(login).thenRejects({ type: 'AccountDeactivated' });
    given(rules, registered, deactivated).at(noon).when({ type: 'Activate', by }).thenEvents({ type: 'UserActivated' });
    const back = replay(rules, [registered, deactivated, { type: 'UserActivated', userId, by, at: noon }]) as User;
    expect(replyOf(userId, back)).toEqual({ userId, roles: ['customer'], tokenVersion: 2 });
  });
});
