import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { userBehaviour } from '../../actors/roster.ts';
import { userEntities, usersTable } from '../../adapters/postgres/accounts.table.ts';
import type { AccountsCommand, Role } from '../../contracts/accounts.ts';
import type { User } from '../../domains/accounts/user.ts';
import { openRegion } from '../kit/region.ts';
import { later } from '../kit/stock.ts';

const newcomer = (email: string): AccountsCommand => ({ type: 'Register', email, passwordHash: 'argon-1' });
const login = (sessionId: string): AccountsCommand => ({ type: 'StartSession', sessionId, expiresAt: later(3600) });
const logout = (sessionId: string): AccountsCommand => ({ type: 'EndSession', sessionId, reason: 'logout' });
const wrong: AccountsCommand = { type: 'RecordFailedLogin' };

const users = await openRegion({
  behaviour: userBehaviour(() => undefined),
  mapping: usersTable,
  entities: userEntities,
});
afterAll(() => users.close());

/** Each command commits, and the tables tell what the instance knows; the state at the end. */
const run = async (userId: string, ...commands: readonly AccountsCommand[]): Promise<User> => {
  for (const command of commands) {
    expect(await users.ask(userId, command)).toMatchObject({ kind: 'accepted' });
    await users.reloaded(userId);
  }
  return (await users.reloaded(userId)) as User;
};
const registered = async (): Promise<string> => {
  const userId = randomUUID();
  await run(userId, newcomer(`${userId}@example.com`));
  return userId;
};

describe('a user comes back from the tables as they were after', () => {
  test('registering with everything there is to say', async () => {
    const session = { sessionId: 's1', expiresAt: later(60) };
    const person = { email: 'ada@example.com', name: 'Ada Lovelace', phone: '+14155550100' };
    const roles: Role[] = ['seller', 'customer'];
    const state = await run(randomUUID(), { type: 'Register', ...person, passwordHash: 'argon-1', roles, session });
    expect(state).toMatchObject({ ...person, passwordHash: 'argon-1', roles: ['customer', 'seller'] });
    expect(state.sessions.get('s1')).toMatchObject({ generation: 1, expiresAt: session.expiresAt });
  });

  test('logging in, refreshing, and logging out', async () => {
    const rotate = { type: 'RotateRefresh', sessionId: 's1', generation: 1 } as const;
    const state = await run(await registered(), login('s1'), login('s2'), rotate, logout('s2'));
    expect([...state.sessions]).toMatchObject([['s1', { generation: 2 }]]);
    expect(state.lastLogin).toBeDefined();
  });

  test('tickets that were issued, mailed, replaced, used', async () => {
    const expiresAt = later(3600);
    const ask = (ticketId: string): AccountsCommand => ({ type: 'RequestVerification', ticketId, expiresAt });
    const mailed: AccountsCommand = { type: 'RecordMail', ticketId: 't1', outcome: 'sent' };
    const userId = await registered();
    const open = await run(userId, ask('t1'), mailed);
    expect([...open.tickets]).toMatchObject([['verify-email', { ticketId: 't1', mail: 'sent', expiresAt }]]);
    const used = await run(userId, { type: 'VerifyEmail', ticketId: 't1' });
    expect(used.tickets.size).toBe(0);
    expect(used.emailVerifiedAt).toBeDefined();
    const reset: AccountsCommand = { type: 'ResetPassword', ticketId: 'r1', passwordHash: 'argon-2' };
    const changed = await run(userId, { type: 'RequestPasswordReset', ticketId: 'r1', expiresAt }, reset);
    expect(changed).toMatchObject({ passwordHash: 'argon-2', tokenVersion: 2 });
    expect(changed.tickets.size).toBe(0);
  });

  test('five failures', async () => {
    const state = await run(await registered(), wrong, wrong, wrong, wrong, wrong);
    expect(state).toMatchObject({ failures: 5, lockedUntil: expect.any(String) });
  });

  test('a password change, which ends the other sessions', async () => {
    const change = { type: 'ChangePassword', passwordHash: 'argon-2', keepSession: 's1' } as const;
    const state = await run(await registered(), wrong, login('s1'), login('s2'), change);
    expect(state).toMatchObject({ passwordHash: 'argon-2', tokenVersion: 2, failures: 0 });
    expect([...state.sessions.keys()]).toEqual(['s1']);
  });

  test('other roles', async () => {
    const by = 'admin-1';
    const grant = { type: 'AssignRole', role: 'admin', by } as const;
    const revoke = { type: 'RevokeRole', role: 'customer', by } as const;
    const set: AccountsCommand = { type: 'SetRoles', roles: ['vendor', 'customer'], by };
    const userId = await registered();
    expect(await run(userId, grant, revoke)).toMatchObject({ roles: ['admin'], tokenVersion: 3 });
    expect(await run(userId, set)).toMatchObject({ roles: ['customer', 'vendor'], tokenVersion: 4 });
  });

  test('a deactivation that is taken back', async () => {
    const userId = await registered();
    const deactivate = { type: 'Deactivate', reason: 'fraud', by: 'admin-1' } as const;
    expect(await run(userId, login('s1'), deactivate)).toMatchObject({ status: 'deactivated', sessions: new Map() });
    expect(await run(userId, { type: 'Activate', by: 'admin-1' })).toMatchObject({ status: 'active' });
  });

  test('many commands in one commit', async () => {
    const userId = await registered();
    await run(userId, login('s1'));
    const crowd = [logout('s1'), login('s1'), login('s2'), wrong, logout('s2'), login('s3'), wrong];
    const answers = await Promise.all(crowd.map((command) => users.ask(userId, command)));
    expect(answers.every(({ kind }) => kind === 'accepted')).toBe(true);
    const state = (await users.reloaded(userId)) as User;
    expect([...state.sessions.keys()].sort()).toEqual(['s1', 's3']);
  });
});

describe('an address', () => {
  const taken = { kind: 'rejected', rejection: { type: 'EmailTaken' } };

  test('of another user is refused, and the refusal is remembered', async () => {
    await run(randomUUID(), newcomer('grace@example.com'));
    const [userId, id] = [randomUUID(), randomUUID()];
    expect(await users.ask(userId, newcomer('grace@example.com'), { id })).toEqual(taken);
    expect(await users.fromTables(userId)).toBeUndefined();
    expect(await users.ask(userId, newcomer('grace@example.com'), { id, resumed: true })).toEqual(taken);
    await run(userId, newcomer('hopper@example.com'));
  });

  test('goes to one of many who want it at the same time; nobody else is disturbed', async () => {
    const rivals = Array.from({ length: 8 }, () => users.ask(randomUUID(), newcomer('rush@example.com')));
    const others = Array.from({ length: 8 }, (_, i) => users.ask(randomUUID(), newcomer(`calm-${i}@example.com`)));
    const kinds = (await Promise.all(rivals)).map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['accepted', ...Array(7).fill('rejected')]);
    expect((await Promise.all(others)).every(({ kind }) => kind === 'accepted')).toBe(true);
  });

  test('registered twice for the same user is one registration', async () => {
    const userId = await registered();
    expect(await users.ask(userId, newcomer(`${userId}@example.com`))).toMatchObject({ kind: 'accepted', version: 1 });
    const other = await users.ask(userId, newcomer('other@example.com'));
    expect(other).toMatchObject({ kind: 'rejected', rejection: { type: 'UserIdTaken' } });
  });
});

test('the log and the memory of commands have no address, no name, no phone and no hash', async () => {
  const person = { email: 'marie@example.com', name: 'Marie Curie', phone: '+33155550100' };
  const change = { type: 'ChangePassword', passwordHash: 'argon-secret-2' } as const;
  await run(randomUUID(), { type: 'Register', ...person, passwordHash: 'argon-secret-1' }, change);
  const everything = await users.engine.database.query<{ text: string }>(
    `select coalesce(string_agg(o::text, ''), '') as text from accounts.outbox_events o
     union all select coalesce(string_agg(c::text, ''), '') from accounts.commands c`,
  );
  const text = everything.map((row) => row.text).join();
  expect(text).toMatch(/accounts.user-registered.v1/);
  expect(text).not.toMatch(/marie|curie|33155550100|argon|example\.com/i);
});
