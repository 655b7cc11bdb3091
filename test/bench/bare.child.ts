/** A bare Koa that answers everything with one body of the size that it is asked for: `/<bytes>`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';

const bodies = new Map<string, string>();
const bodyOf = (path: string): string => {
  const known = bodies.get(path) ?? JSON.stringify({ data: 'x'.repeat(Math.max(0, Number(path.slice(1)) - 11)) });
  bodies.set(path, known);
  return known;
};

const app = new Koa();
app.use((ctx) => {
  ctx.type = 'application/json';
  ctx.body = bodyOf(ctx.path);
});
const server = createServer(app.callback());
server.listen(0, '127.0.0.1', () =>
  process.send?.({ ready: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);
process.once('disconnect', () => process.exit());
