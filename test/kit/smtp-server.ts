/** A small SMTP server on a real socket: takes mails, or fails as servers do. */
import { createServer, type Socket } from 'node:net';

export interface Letter {
  readonly to: string;
  /** Head and body; the body decoded from quoted-printable. */
  readonly text: string;
}
/** What it says to a recipient: `take`, `later` (451), `never` (550), or nothing at all. */
export type Manner = 'take' | 'later' | 'never' | 'silence';

const unquoted = (text: string): string =>
  Buffer.from(
    text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

/** The body decoded, the head as it is. */
const decoded = (lines: readonly string[]): string => {
  const end = lines.indexOf('');
  const head = lines.slice(0, end).join('\r\n');
  const body = lines
    .slice(end)
    .map((line) => line.replace(/^\./, ''))
    .join('\r\n');
  return head + (/quoted-printable/i.test(head) ? unquoted(body) : body);
};

const ANSWERS: Readonly<Record<Manner, string | undefined>> = {
  take: '250 ok',
  later: '451 come again',
  never: '550 no such mailbox',
  silence: undefined,
};

/** One conversation: commands line by line, a letter until the line with a single dot. */
const converse = (socket: Socket, manner: () => Manner, took: (letter: Letter) => void): void => {
  let rest = '';
  let to = '';
  let letter: string[] | undefined;
  const say = (line: string | undefined) => line && socket.write(`${line}\r\n`);
  const heard = (line: string): unknown => {
    if (letter) {
      if (line !== '.') return letter.push(line);
      took({ to, text: decoded(letter) });
      letter = undefined;
      return say('250 taken');
    }
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return say('250-test\r\n250 8BITMIME');
    if (verb === 'QUIT') return socket.end('221 bye\r\n');
    if (verb === 'RCPT') {
      to = /<([^>]*)>/.exec(line)?.[1] ?? '';
      return say(ANSWERS[manner()]);
    }
    if (verb === 'DATA') letter = [];
    return say(letter ? '354 go on' : '250 ok');
  };
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n');
    rest = lines.pop()!;
    for (const line of lines) heard(line);
  });
  say('220 test');
};

export const startSmtp = async (port = 0) => {
  const letters: Letter[] = [];
  const sockets = new Set<Socket>();
  let manner: Manner = 'take';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    converse(
      socket,
      () => manner,
      (letter) => letters.push(letter),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as { port: number };
  return {
    letters,
    url: `smtp://127.0.0.1:${address.port}`,
    port: address.port,
    be: (next: Manner) => {
      manner = next;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
export type Smtp = Awaited<ReturnType<typeof startSmtp>>;
