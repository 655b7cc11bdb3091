/** The audit log: written before anything is done, complete, and unchangeable. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { AuditEntry, AuditOutcome, AuditTrail } from '../../actors/ports/audit.ts';
import { problem } from '../../adapters/http/problems.ts';
import { ok, type Reply, route } from '../../adapters/http/routes.ts';
import { auditTrail, PostgresAuditReader } from '../../adapters/postgres/audit.ts';
import { type Database, openDatabase } from '../../adapters/postgres/database.ts';
import { APP_ROLE } from '../../adapters/postgres/migrate.ts';
import { send, startEdge, type TestEdge } from '../kit/edge.ts';
import { freshDatabase } from '../kit/servers.ts';

describe('at the edge', () => {
  const written: (AuditEntry | AuditOutcome)[] = [];
  const steps: string[] = [];
  let away = false;
  const trail: AuditTrail = {
    began: async (entry) => {
      if (away) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      steps.push('began');
      written.push(entry);
    },
    ended: async (outcome) => {
      steps.push('ended');
      written.push(outcome);
    },
  };
  let reply: () => Reply;
  const thing = (method: 'get' | 'put', roles: ('admin' | 'seller' | 'customer')[]) =>
    route({
      method,
      path: `/${roles.join('-')}/{id}`,
      summary: 'a test',
      tags: ['test'],
      roles,
      limit: 'write',
      idempotent: false,
      params: z.object({ id: z.string() }),
      ...(method === 'put' && { body: z.looseObject({}) }),
      responses: { 200: { description: 'Done' } },
      handle: async () => {
        steps.push('done');
        return reply();
      },
    });
  let edge: TestEdge;
  beforeAll(async () => {
    const routes = [thing('put', ['admin', 'customer']), thing('put', ['admin']), thing('get', ['admin'])];
    edge = await startEdge(routes, { audit: trail, isAway: (error) => /connect/.test(String(error)) });
  });
  afterAll(() => edge.close());
  beforeEach(() => {
    written.length = 0;
    steps.length = 0;
    away = false;
    reply = () => ok(null);
  });
  const put = async (path: string, ...roles: ('admin' | 'customer')[]) =>
    send(edge, 'PUT', path, { as: await edge.tokenFor('ada', ...roles), body: { password: 'N3w!passw' } });

  test('who, in which role, what, from where; then how it ended, what was made, and where it is in the logs', async () => {
    reply = () => ({ status: 201, data: { thing_id: 't9', name: 'secret' }, headers: { position: 'things=7' } });
    await put('/admin/t1', 'admin', 'customer');
    expect(steps).toEqual(['began', 'done', 'ended']);
    const [entry, outcome] = written;
    expect(entry).toMatchObject({
      userId: 'ada',
      roles: ['admin'],
      method: 'PUT',
      route: '/admin/{id}',
      ids: { id: 't1' },
    });
    expect(entry).toMatchObject({ address: '127.0.0.1', requestId: expect.any(String), commandId: expect.any(String) });
    expect(outcome).toEqual({
      auditId: entry!.auditId,
      status: 201,
      made: { thing_id: 't9' },
      position: 'things=7',
      repeated: false,
    });
    expect(JSON.stringify(written)).not.toMatch(/secret|N3w/);
  });

  test('a refusal and a fault are on record, too', async () => {
    reply = () => problem('not_found', 'gone');
    await put('/admin/t1', 'admin');
    reply = () => {
      throw new Error('broken');
    };
    expect((await put('/admin/t1', 'admin')).status).toBe(500);
    expect(written.filter((one) => 'status' in one)).toMatchObject([
      { status: 404, code: 'not_found' },
      { status: 500, code: 'fault' },
    ]);
  });

  test('what cannot be put on record is not done', async () => {
    away = true;
    expect((await put('/admin/t1', 'admin')).status).toBe(503);
    expect(steps).toEqual([]);
  });

  test('customers, reads, and who may not, leave no trace', async () => {
    expect((await put('/admin-customer/t1', 'customer')).status).toBe(200);
    expect((await put('/admin/t1', 'customer')).status).toBe(403);
    await send(edge, 'GET', '/admin/t1', { as: await edge.tokenFor('ada', 'admin') });
    expect(written).toEqual([]);
    expect((await put('/admin-customer/t1', 'admin', 'customer')).status).toBe(200);
    expect(written).toHaveLength(2);
  });
});

describe('in the database', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let database: Database;
  let lost: unknown[];
  beforeAll(async () => {
    fresh = await freshDatabase();
    database = await openDatabase({ url: fresh.url, entities: [], role: APP_ROLE, name: 'audit', connections: 2 });
    lost = [];
  });
  afterAll(async () => {
    await database.close();
    await fresh.drop();
  });
  const entry = (auditId: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
    auditId,
    userId: 'ada',
    roles: ['admin', 'seller'],
    method: 'POST',
    route: '/api/v1/products/{id}',
    ids: { id: 'p1' },
    requestId: `r-${auditId}`,
    commandId: `c-${auditId}`,
    address: '192.0.2.1',
    ...more,
  });
  const ended = (auditId: string, more: Partial<AuditOutcome> = {}): AuditOutcome => ({
    auditId,
    status: 200,
    made: {},
    repeated: false,
    ...more,
  });
  const trail = () => auditTrail(database, (_, outcome) => lost.push(outcome));
  const list = (filter = {}) => new PostgresAuditReader(database).list(filter, { offset: 0, limit: 100 });

  test('a hundred at once are all there, in few statements', async () => {
    let statements = 0;
    const query: Database['query'] = (text, values) => {
      statements += 1;
      return database.query(text, values);
    };
    const counting = auditTrail({ ...database, query }, () => undefined);
    await Promise.all(Array.from({ length: 100 }, (_, i) => counting.began(entry(`many-${i}`, { userId: 'many' }))));
    expect((await list({ userId: 'many' })).total).toBe(100);
    expect(statements).toBeLessThanOrEqual(2);
  });

  test('is found by who, what and when; one without an outcome is there as well', async () => {
    await trail().began(entry('a1'));
    await trail().ended(ended('a1', { made: { sku_id: 'made-1' }, position: 'products=3' }));
    await trail().began(entry('a2', { ids: { id: 'p2' } }));
    const [a2, a1] = (await list({ userId: 'ada' })).rows;
    expect(a1).toMatchObject({ ...entry('a1'), status: 200, position: 'products=3', repeated: false });
    expect([a2!.auditId, a2!.status]).toEqual(['a2', undefined]);
    const ids = async (filter: object) => (await list(filter)).rows.map(({ auditId }) => auditId);
    expect(await ids({ id: 'made-1' })).toEqual(['a1']);
    expect(await ids({ id: 'p2' })).toEqual(['a2']);
    expect(await ids({ userId: 'ada', from: a2!.at })).toEqual(['a2']);
    expect(await ids({ route: '/elsewhere' })).toEqual([]);
  });

  test.each([
    'update edge.audit_log set user_id = $1',
    'delete from edge.audit_log where user_id <> $1',
    'update edge.audit_outcomes set code = $1',
    'delete from edge.audit_outcomes where code <> $1',
  ])('the application may not: %s', async (text) => {
    await expect(database.query(text, ['eve'])).rejects.toThrow(/permission denied/);
  });

  test('a beginning that cannot be written is told, an outcome that cannot be written is reported', async () => {
    await expect(trail().began(entry('a1'))).rejects.toThrow(/unique/);
    await trail().ended(ended('never-began'));
    expect(lost).toMatchObject([{ auditId: 'never-began' }]);
  });
});
