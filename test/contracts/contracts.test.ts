import { readFileSync } from 'node:fs';
import asyncapi from '@asyncapi/parser';
import { describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { documentedRoutes } from '../../adapters/http/api.ts';
import { Instant } from '../../contracts/common.ts';
import type { UserEvent } from '../../domains/accounts/user.ts';
import { user } from '../../domains/accounts/user.ts';
import { CONTEXTS } from '../../src/contexts.ts';
import { eventDocument, eventSchemas } from '../../src/event-schemas.ts';
import { clientTypes } from '../../src/generate-client.ts';
import { inspectContracts } from '../../src/generate-contracts.ts';
import { breaks } from '../../src/schema-compat.ts';

const file = (name: string) => readFileSync(new URL(`../../contracts/${name}`, import.meta.url), 'utf8');
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
(formats as unknown as (ajv: Ajv2020) => void)(ajv);

test('the committed contracts are what the definitions say, and no released event has changed', async () => {
  expect(await inspectContracts()).toEqual({ drifted: [], broken: [] });
});

describe('a moment', () => {
  test.each([
    ['2026-03-01T00:30:00+01:00', '2026-02-28T23:30:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is told in UTC, and compares as a string', (given, told) => {
    expect(Instant.parse(given)).toBe(told);
  });
  test.each([
    ['0000-01-01T00:00:00Z'],
    ['0001-01-01T00:00:00+05:00'],
    ['0000-01-01T00:00:00+05:00'],
    ['9999-12-31T23:59:59-05:00'],
    ['2026-02-30T00:00:00Z'],
  ])('%s is none that a database and a comparison of strings agree on', (given) => {
    expect(Instant.safeParse(given).success).toBe(false);
  });
});

test('the committed types of the client are those of the committed document', async () => {
  expect(await clientTypes()).toBe(file('client.v1.d.ts'));
});

test('the OpenAPI document is valid OpenAPI 3.1 and names every route', async () => {
  const document = JSON.parse(file('openapi.v1.json'));
  expect(await new Validator().validate(document)).toMatchObject({ valid: true });
  for (const { method, path } of documentedRoutes()) expect(document.paths[path][method].responses).toBeDefined();
  const ids = documentedRoutes().map(({ method, path }) => document.paths[path][method].operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the AsyncAPI document is valid and names every event', async () => {
  const { document, diagnostics } = await new asyncapi.Parser().parse(file('asyncapi.v1.json'));
  expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
  expect(document?.channels().length).toBe(eventSchemas(CONTEXTS).length);
});

describe('event schemas', () => {
  test('are valid JSON Schema 2020-12', () => {
    for (const one of eventSchemas(CONTEXTS)) expect(() => ajv.compile(eventDocument(one))).not.toThrow();
  });
  test('accept what the rules make, as it goes over the wire', () => {
    const at = '2026-03-01T12:00:00.000Z';
    const command = { type: 'Register', email: 'ada@example.com', passwordHash: 'x' } as const;
    const { events } = user('u1').decide(command, { status: 'unknown' }, at);
    const { type: _, ...body } = events![0] as UserEvent;
    const validate = ajv.getSchema('urn:tradewind:event:accounts.user-registered.v1')!;
    expect(validate(JSON.parse(JSON.stringify(body)))).toBe(true);
    expect(validate({ ...JSON.parse(JSON.stringify(body)), userId: 7 })).toBe(false);
  });
});

describe('a released schema', () => {
  const before = {
    type: 'object',
    properties: { id: { type: 'string' }, kind: { type: 'string', enum: ['a', 'b'] }, note: { type: 'string' } },
    required: ['id', 'kind'],
  };
  const change = (more: object) => breaks(before, { ...before, ...more });
  test('may get an optional field and better words', () => {
    const properties = { ...before.properties, id: { type: 'string', description: 'new' }, extra: { type: 'integer' } };
    expect(change({ properties })).toEqual([]);
  });
  test.each([
    ['lose a field', { properties: { id: before.properties.id, kind: before.properties.kind } }],
    ['get another type', { properties: { ...before.properties, id: { type: 'integer' } } }],
    ['lose a value', { properties: { ...before.properties, kind: { type: 'string', enum: ['a'] } } }],
    [
      'get a value that old consumers do not know',
      { properties: { ...before.properties, kind: { type: 'string', enum: ['a', 'b', 'c'] } } },
    ],
    ['require what stored events lack', { required: ['id', 'kind', 'note'] }],
    ['stop promising a field', { required: ['id'] }],
    ['get narrower', { properties: { ...before.properties, note: { type: 'string', maxLength: 5 } } }],
  ])('may not %s', (_, more) => expect(change(more)).toHaveLength(1));
});
