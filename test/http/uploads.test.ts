/** Files may take their time while they move; other requests may not. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Listening, listen } from '../../adapters/http/listen.ts';

let server: Listening;
beforeAll(async () => {
  const handler = async (req: IncomingMessage, res: { end(text: string): void }) => {
    if (req.url === '/file?refused') return res.end('no');
    let bytes = 0;
    for await (const part of req) bytes += part.length;
    res.end(`${bytes} bytes`);
  };
  const options = { host: '127.0.0.1', port: 0, requestTimeout: 300, unhurried: new Set(['/file']) };
  server = await listen((req, res) => void handler(req, res).catch(() => undefined), options);
});
afterAll(() => server.close(100));

/** Sends the head and half of the body; `finish` sends the rest. */
const begin = (path: string, connection = 'close') => {
  const socket = connect(server.port, '127.0.0.1');
  const answer: string[] = [];
  socket.on('data', (part) => answer.push(String(part)));
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\nContent-Length: 10\r\n\r\nhello`);
  const ended = once(socket, 'close').then(() => answer.join(''));
  return { ended, finish: () => void socket.write('world') };
};

test('a slow body is cut off, a slow file is not', async () => {
  const file = begin('/file?seller_id=x');
  const other = begin('/other');
  expect(await other.ended).toMatch(/^HTTP\/1.1 408 /);
  file.finish();
  expect(await file.ended).toMatch(/^HTTP\/1.1 200 [\s\S]*10 bytes/);
});

test('a file that is answered already may not go on for ever', async () => {
  const file = begin('/file?refused', 'keep-alive');
  expect(await file.ended).toMatch(/^HTTP\/1.1 200 [\s\S]*no/);
}, 3_000);
