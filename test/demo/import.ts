/** Sends the catalogue to the shop, and shows how far it is. */
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import logUpdate from 'log-update';
import { clientOf, taken } from '../kit/client.ts';
import { catalogue } from './catalogue.ts';

export interface Imported {
  readonly created: number;
  readonly refused: number;
  /** Of the whole import, by the wall clock. */
  readonly perSecond: number;
}

const show = (line: string): void => {
  if (process.stdout.isTTY) logUpdate(line);
};

const send = async (url: string, seller: string, products: number): Promise<string> => {
  const response = await fetch(`${url}/api/v1/products/import`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${seller}`,
      'content-type': 'application/x-ndjson',
      'idempotency-key': 'demo-catalogue',
    },
    body: Readable.toWeb(Readable.from(catalogue(products))) as ReadableStream,
    duplex: 'half',
  });
  const { data, detail } = (await response.json()) as { data?: { import_id: string }; detail?: string };
  if (!data) throw new Error(`The catalogue was not taken: ${response.status} ${detail}`);
  return data.import_id;
};

export const importCatalogue = async (url: string, seller: string, products: number): Promise<Imported> => {
  const begin = performance.now();
  const params = { path: { id: await send(url, seller, products) } };
  for (;;) {
    const seen = taken(await clientOf(url, seller).GET('/api/v1/products/imports/{id}', { params }));
    const seconds = (performance.now() - begin) / 1_000;
    show(`importing ${seen.done} of ${products} products, ${Math.round(seen.done / seconds)} a second`);
    if (seen.status === 'failed') throw new Error(`The import failed: ${seen.problem?.message}`);
    if (seen.status === 'completed') {
      logUpdate.done();
      return { created: seen.created, refused: seen.refused, perSecond: Math.round(seen.done / seconds) };
    }
    await pause(100);
  }
};
