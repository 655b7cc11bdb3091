/** What the machine does at best within the same minute: single-row transactions, and a Koa that only echoes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { Pool as Database } from 'pg';
import { Pool } from 'undici';
import { load } from './figures.ts';

/** Transactions a second: pgbench's simple-update without its history, 16 connections. */
export const singleRowTransactions = async (url: string): Promise<number> => {
  const pool = new Database({ connectionString: url, max: 16 });
  await pool.query(
    `create schema if not exists classic; create table if not exists classic.accounts (id int primary key, balance bigint not null)`,
  );
  await pool.query(`insert into classic.accounts select i, 0 from generate_series(1, 10000) i on conflict do nothing`);
  const { rate } = await load(16, 2, async () => {
    const id = 1 + Math.floor(Math.random() * 10_000);
    await pool.query({
      name: 'move',
      text: `update classic.accounts set balance = balance + 1 where id = $1`,
      values: [id],
    });
  });
  await pool.end();
  return rate;
};

/** Requests a second that a bare Koa answers, 64 callers. */
export const bareKoa = async (): Promise<number> => {
  const app = new Koa();
  app.use((ctx) => {
    ctx.body = { ok: true };
  });
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections: 64 });
  const { rate } = await load(64, 2, async () => {
    const response = await pool.request({ method: 'GET', path: '/' });
    await response.body.dump();
  });
  await pool.close();
  server.close();
  return rate;
};
