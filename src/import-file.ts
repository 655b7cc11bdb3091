/**
 * Sends a file of products to a running application and shows how it goes.
 *
 *   npm run import -- file.csv                      the demo seller's, at http://localhost:3000
 *   npm run import -- file.ndjson --url https://shop.example --token ...
 *   npm run import -- file.csv --email seller@example.com --password ... --seller user-id --again
 *
 * The same file is the same import: sent again after a failure it goes on where it was. `--again` makes a new one of it.
 * Exit code: 0 all rows are in, 1 it failed, 2 some rows were refused.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './demo-data.ts';
import { type Progress, progressLine, type Screen, screenOf } from './import-screen.ts';

interface Options {
  readonly file: string;
  readonly url: string;
  readonly token?: string;
  readonly email: string;
  readonly password: string;
  readonly seller?: string;
  readonly again: boolean;
}
const optionsOf = (args: readonly string[]): Options => {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { url: text, token: text, email: text, password: text, seller: text, again: { type: 'boolean' } },
  });
  if (positionals.length !== 1) throw new Refused('Name one file: npm run import -- file.csv');
  const { url = 'http://localhost:3000', token, email = DEMO_ACCOUNTS[0]!.email, password = DEMO_PASSWORD } = values;
  return { file: positionals[0]!, url, token, email, password, seller: values.seller, again: values.again ?? false };
};

/** Something that trying again does not mend. */
class Refused extends Error {}
const TRIES = 120;
const PAUSE = 1_000;

interface Answer {
  readonly data?: Progress & { readonly token?: string };
  readonly detail?: string;
}
const answerOf = async (response: Response): Promise<NonNullable<Answer['data']>> => {
  const { data, detail } = (await response.json()) as Answer;
  if (data && response.ok) return data;
  if (response.status >= 500 || response.status === 429 || response.status === 409) throw new Error(detail);
  throw new Refused(detail ?? `answered ${response.status}`);
};

/** Until it works: the application may be starting, or come back after a crash. */
const insist = async <T>(what: string, screen: Screen, work: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused || tries === TRIES) throw error;
      screen.show(`${what}: ${(error as Error).message}; trying again`);
      await pause(PAUSE);
    }
  }
};

const login = ({ url, email, password }: Options): Promise<string> =>
  fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
    .then(answerOf)
    .then(({ token }) => token!);

const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Buffer);
  return hash.digest('base64url');
};

async function* counted(file: string, size: number, screen: Screen): AsyncIterable<Buffer> {
  let sent = 0;
  for await (const part of createReadStream(file)) {
    yield part as Buffer;
    sent += (part as Buffer).length;
    screen.show(`sending ${Math.round((100 * sent) / size)} %`);
  }
}

const send = async (options: Options, authorization: string, key: string, screen: Screen): Promise<Progress> => {
  const { url, file, seller } = options;
  const { size } = await stat(file);
  const type = /\.(nd)?jsonl?$/i.test(file) ? 'application/x-ndjson' : 'text/csv';
  const query = seller ? `?seller_id=${encodeURIComponent(seller)}` : '';
  const body = Readable.toWeb(Readable.from(counted(file, size, screen), { objectMode: false }));
  const response = await fetch(`${url}/api/v1/products/import${query}`, {
    method: 'POST',
    headers: { authorization, 'content-type': type, 'idempotency-key': key },
    body: body as never,
    duplex: 'half',
  } as RequestInit);
  return answerOf(response);
};

/** The data of server-sent events. */
async function* events(response: Response): AsyncIterable<Progress> {
  let rest = '';
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + part).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data) yield JSON.parse(data) as Progress;
    }
  }
}

const isOver = ({ status }: Progress): boolean => status === 'completed' || status === 'failed';

/** Follows it to its end; a stream that breaks is taken up where it was. */
const follow = async ({ url }: Options, authorization: string, first: Progress, screen: Screen): Promise<Progress> => {
  let last = first;
  const began = performance.now();
  while (!isOver(last))
    await insist('waiting', screen, async () => {
      const headers = { authorization, 'last-event-id': String(last.version) };
      const response = await fetch(url + first.links.events, { headers });
      if (!response.ok) await answerOf(response);
      for await (const progress of events(response)) {
        last = progress;
        screen.show(progressLine(progress, performance.now() - began));
      }
      if (!isOver(last)) throw new Error('the stream ended');
    });
  return last;
};

interface ReportLine {
  readonly line: number;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
}
const SHOWN = 10;
const refusedLines = async (
  { url }: Options,
  authorization: string,
  { links, refused }: Progress,
): Promise<string[]> => {
  if (refused === 0) return [];
  const response = await fetch(`${url}${links.report}?outcome=refused&per_page=${SHOWN}`, {
    headers: { authorization },
  });
  const { data } = (await response.json()) as { data: readonly ReportLine[] };
  const lines = data.map(
    ({ line, errors }) => `  line ${line}: ${errors.map((one) => `${one.field}: ${one.message}`).join('; ')}`,
  );
  return refused > SHOWN
    ? [...lines, `  ... and ${refused - SHOWN} more: ${url}${links.report}?outcome=refused`]
    : lines;
};

/** The exit code. */
export const importFile = async (args: readonly string[], screen: Screen): Promise<number> => {
  try {
    const options = optionsOf(args);
    const digest = await digestOf(options.file);
    const authorization = `Bearer ${options.token ?? (await insist('logging in', screen, () => login(options)))}`;
    const key = options.again ? randomUUID() : `file-${digest}`;
    const sent = await insist('sending', screen, () => send(options, authorization, key, screen));
    const done = await follow(options, authorization, sent, screen);
    screen.done([progressLine(done), ...(await refusedLines(options, authorization, done))]);
    return done.refused > 0 ? 2 : 0;
  } catch (error) {
    screen.done([(error as Error).message]);
    return 1;
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = await importFile(process.argv.slice(2), screenOf(process.stdout));
