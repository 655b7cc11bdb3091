/** The OpenAPI document, and a page to read and try it that needs nothing from the internet. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { openApiDocument } from './openapi.ts';
import { type Route, route } from './routes.ts';

const ASSETS = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
} as const;
const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tradewind API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="/docs/favicon-32x32.png"></head>
<body><div id="ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
`;
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', deepLinking: true, persistAuthorization: true });\n`;
const CACHED = { 'cache-control': 'public, max-age=3600' };
/** Swagger UI sets styles on elements and shows inline images. */
const POLICY = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
};

const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const loaded = new Map<string, Promise<Buffer>>();
const asset = (file: string): Promise<Buffer> => {
  const found = loaded.get(file) ?? readFile(join(folder, file));
  loaded.set(file, found);
  return found;
};

const tags = ['platform'];
const file = { 200: { description: 'The file', type: 'text/html' } };

/** `routes`: the ones to describe. The document is made at the first call and kept. */
export const docsRoutes = (routes: readonly Route[]): readonly Route[] => {
  let document: string | undefined;
  const json = (): string => {
    document ??= JSON.stringify(openApiDocument(routes));
    return document;
  };
  return [
    route({
      method: 'get',
      path: '/openapi.json',
      summary: 'This interface as OpenAPI 3.1',
      tags,
      roles: ['public'],
      limit: 'read',
      responses: { 200: { description: 'The document', type: 'application/json' } },
      handle: async () => ({ file: json(), type: 'application/json', headers: CACHED }),
    }),
    route({
      method: 'get',
      path: '/docs',
      summary: 'This interface to read and try',
      tags,
      roles: ['public'],
      limit: 'read',
      responses: file,
      handle: async () => ({ file: PAGE, type: 'text/html', headers: { ...CACHED, ...POLICY } }),
    }),
    route({
      method: 'get',
      path: '/docs/{file}',
      summary: 'Parts of the page',
      tags,
      roles: ['public'],
      limit: 'read',
      params: z.object({ file: z.enum(['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'start.js']) }),
      responses: file,
      handle: async ({ params }) =>
        params.file === 'start.js'
          ? { file: START, type: 'text/javascript', headers: CACHED }
          : { file: await asset(params.file), type: ASSETS[params.file], headers: CACHED },
    }),
  ];
};
