/** Imports: rows a second from the first byte of the file to the last row's outcome, over HTTP, with what it takes of memory. */
import { randomUUID } from 'node:crypto';
import { csvOf, fileRows } from '../kit/catalogue-file.ts';
import { withClient } from '../kit/servers.ts';
import { request } from '../kit/shop.ts';
import type { SpawnedApp } from '../kit/spawn-app.ts';
import { median } from './figures.ts';

export interface ImportFigures {
  readonly rows: number;
  /** Rows a second, median of the runs: of new products, and of the same file once more. */
  readonly fresh: number;
  readonly again: number;
  /** Megabytes of the app at most, before and while. */
  readonly before: number;
  readonly peak: number;
  readonly created: number;
  readonly expected: number;
}

const residentMb = async (app: SpawnedApp): Promise<number> => {
  const { text } = await request('GET', /Metrics\s+(\S+)/.exec(app.output())![1]!);
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)![1]) / 1_048_576;
};

/** `app`: with the demo accounts. */
export const imports = async (
  app: SpawnedApp,
  databaseUrl: string,
  rows: number,
  runs: number,
): Promise<ImportFigures> => {
  const api = `${app.url}/api/v1`;
  const login = await request('POST', `${api}/auth/login`, {
    body: { email: 'seller@example.com', password: 'Demo-1234' },
  });
  const authorization = `Bearer ${login.json.data.token}`;
  let peak = 0;
  const send = async (file: string): Promise<number> => {
    const began = performance.now();
    const headers = { authorization, 'content-type': 'text/csv', 'idempotency-key': randomUUID(), prefer: 'wait=0' };
    const sent = await fetch(`${api}/products/import`, { method: 'POST', headers, body: file });
    const { data } = (await sent.json()) as { data: { import_id: string } };
    for (;;) {
      const seen = await request('GET', `${api}/products/imports/${data.import_id}`, {
        headers: { authorization, prefer: 'wait=1' },
      });
      peak = Math.max(peak, await residentMb(app));
      if (seen.json.data.status === 'completed') return (rows * 1_000) / (performance.now() - began);
    }
  };
  const before = await residentMb(app);
  const [fresh, again]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    const file = csvOf(fileRows(rows, randomUUID().slice(0, 8), run));
    fresh.push(await send(file));
    again.push(await send(file));
  }
  const created = await withClient(databaseUrl, async (client) => {
    const { rows: counted } = await client.query(
      `select count(*)::int as n from products.import_rows where outcome = 'created'`,
    );
    return counted[0].n as number;
  });
  return { rows, fresh: median(fresh), again: median(again), before, peak, created, expected: rows * runs };
};
