import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { userBehaviour } from '../../actors/roster.ts';
import { PostgresUserDirectory } from '../../adapters/postgres/accounts.reader.ts';
import { PostgresRevocations, RecentRevocations } from '../../adapters/postgres/accounts.revocations.ts';
import { userEntities, usersTable } from '../../adapters/postgres/accounts.table.ts';
import type { AccountsCommand } from '../../contracts/accounts.ts';
import { startRegion } from '../kit/region.ts';
import { type FreshDatabase, freshDatabase } from '../kit/servers.ts';
import { later } from '../kit/stock.ts';
import { until } from '../kit/until.ts';

describe('what is remembered', () => {
  const ended = (sessionId: string) => ({
    type: 'accounts.session-ended.v1',
    body: JSON.stringify({ userId: 'u1', sessionId }),
  });
  const raised = (name: string, tokenVersion: number) => ({
    type: `accounts.${name}.v1`,
    body: JSON.stringify({ userId: 'u1', tokenVersion }),
  });
  const told = (...events: readonly { type: string; body: string }[]) => {
    const recent = new RecentRevocations(1_000);
    for (const event of events) recent.note(event);
    return recent;
  };

  test('an ended session, and no other of that user or of that name', () => {
    const recent = told(ended('s1'));
    expect(recent.isRevoked('u1', 1, 's1')).toBe(true);
    expect(recent.isRevoked('u1', 1, 's2')).toBe(false);
    expect(recent.isRevoked('u2', 1, 's1')).toBe(false);
  });

  test.each(['password-changed', 'roles-changed', 'user-deactivated'])('%s: tokens of before, not of after', (name) => {
    const recent = told(raised(name, 3));
    expect([2, 3, 4].map((version) => recent.isRevoked('u1', version, 's1'))).toEqual([true, false, false]);
  });

  test('the highest version, in whatever order they are told', () => {
    const recent = told(raised('password-changed', 3), raised('roles-changed', 2));
    expect(recent.isRevoked('u1', 2, 's1')).toBe(true);
  });

  test('nothing of other events', () => expect(told({ type: 'accounts.login-failed.v1', body: '' }).size).toBe(0));

  test('only as long as a token may live', () => {
    let now = 0;
    const recent = new RecentRevocations(1_000, () => now);
    recent.note(ended('old'), 900);
    recent.note(raised('password-changed', 2));
    now = 500;
    recent.sweep();
    expect([recent.isRevoked('u1', 2, 'old'), recent.isRevoked('u1', 1, 's1')]).toEqual([false, true]);
    now = 1_000;
    recent.sweep();
    expect(recent.size).toBe(0);
  });
});

describe('on a real database', () => {
  const start = (url: string) =>
    startRegion(url, { behaviour: userBehaviour(() => undefined), mapping: usersTable, entities: userEntities });
  const tokenLifetime = 900_000;
  let database: FreshDatabase;
  let users: Awaited<ReturnType<typeof start>>;
  const running: PostgresRevocations[] = [];
  /** As another process would know it. */
  const listening = async (options: { page?: number; every?: number; tokenLifetime?: number } = {}) => {
    const revocations = new PostgresRevocations(users.engine.database, { tokenLifetime, every: 20, ...options });
    await revocations.start();
    running.push(revocations);
    return revocations;
  };
  const ask = async (userId: string, command: AccountsCommand) =>
    expect(await users.ask(userId, command)).toMatchObject({ kind: 'accepted' });
  const loggedIn = async (email = `${randomUUID()}@example.com`): Promise<string> => {
    const userId = randomUUID();
    const session = { sessionId: 's1', expiresAt: later(3600) };
    await ask(userId, { type: 'Register', email, passwordHash: 'hash', name: 'Ada', session });
    return userId;
  };
  const logout: AccountsCommand = { type: 'EndSession', sessionId: 's1', reason: 'logout' };

  beforeAll(async () => {
    database = await freshDatabase();
    users = await start(database.url);
  });
  afterAll(async () => {
    for (const revocations of running) await revocations.stop();
    await users.engine.stop();
    await database.drop();
  });

  test('a log-out, a new password, new roles and a deactivation are known soon; before, nothing is refused', async () => {
    const revocations = await listening();
    const commands: AccountsCommand[] = [
      logout,
      { type: 'ChangePassword', passwordHash: 'hash-2', keepSession: 's1' },
      { type: 'AssignRole', role: 'seller', by: 'admin' },
      { type: 'Deactivate', reason: 'fraud', by: 'admin' },
    ];
    for (const command of commands) {
      const userId = await loggedIn();
      await revocations.poll();
      expect(revocations.isRevoked(userId, 1, 's1')).toBe(false);
      await ask(userId, command);
      await until(() => revocations.isRevoked(userId, 1, 's1'), { timeout: 5_000 });
    }
    expect(revocations.behind).toBeLessThan(5_000);
  });

  test('a token of a new session or of the new version counts at once, whatever was known before', async () => {
    const [userId, revocations] = [await loggedIn(), await listening()];
    await ask(userId, { type: 'ChangePassword', passwordHash: 'hash-2', keepSession: 's1' });
    await ask(userId, { type: 'StartSession', sessionId: 's2', expiresAt: later(60) });
    for (const session of ['s1', 's2']) expect(revocations.isRevoked(userId, 2, session)).toBe(false);
    await revocations.poll();
    for (const session of ['s1', 's2']) expect(revocations.isRevoked(userId, 2, session)).toBe(false);
  });

  test('a fresh process knows what happened before it, however many pages of the log ago', async () => {
    const gone = await loggedIn();
    await ask(gone, logout);
    for (let i = 0; i < 5; i += 1) await loggedIn();
    for (const page of [1, 3, 7, 20_000])
      expect((await listening({ page, every: 60_000 })).isRevoked(gone, 1, 's1')).toBe(true);
  });

  test('what is older than any token in time is not even read', async () => {
    const gone = await loggedIn();
    await ask(gone, logout);
    await users.engine.control.query(`update accounts.outbox_events set created_at = now() - interval '1 day'`);
    expect((await listening()).size).toBe(0);
    expect((await listening({ tokenLifetime: 2 * 86_400_000 })).isRevoked(gone, 1, 's1')).toBe(true);
  });

  test('what this node commits it knows without a look', async () => {
    const [userId, revocations] = [await loggedIn(), await listening({ every: 60_000 })];
    await ask(userId, logout);
    const [event] = (await users.engine.log.read('accounts', 0, 1_000)).slice(-1);
    revocations.hear([event!]);
    expect(revocations.isRevoked(userId, 1, 's1')).toBe(true);
  });

  test('after a restore to an older point only the restored log counts', async () => {
    const [userId, revocations] = [await loggedIn(), await listening({ every: 60_000 })];
    await ask(userId, logout);
    await revocations.poll();
    await users.engine.control.query(`delete from accounts.outbox_events where type = 'accounts.session-ended.v1'`);
    await users.engine.control.query(`update accounts.log_head set incarnation = incarnation + 1`);
    await revocations.poll();
    expect(revocations.isRevoked(userId, 1, 's1')).toBe(false);
  });

  test('the directory finds a user by id and by address, as they are now', async () => {
    const directory = new PostgresUserDirectory(users.engine.database);
    const userId = await loggedIn('ada@example.com');
    await ask(userId, { type: 'AssignRole', role: 'admin', by: 'boss' });
    const found = await directory.byEmail('ada@example.com');
    expect(found).toEqual({
      userId,
      email: 'ada@example.com',
      passwordHash: 'hash',
      name: 'Ada',
      phone: undefined,
      roles: ['admin', 'customer'],
      status: 'active',
      lockedUntil: undefined,
      lastLogin: expect.stringMatching(/^\d{4}-.*Z$/),
      registeredAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await directory.byId(userId)).toEqual(found);
    expect(await directory.byEmail('nobody@example.com')).toBeUndefined();
  });
});
