/** Where a request comes from: its peer, or what proxies say that are known to tell the truth. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** `::ffff:10.0.0.1` -> `10.0.0.1`: an IPv4 peer of an IPv6 socket. */
const plain = (address: string): string => (/^::ffff:\d+\./i.test(address) ? address.slice(7) : address);

/** Addresses and networks: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`. Throws on anything else. */
export const networks = (names: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const name of names) {
    const [address = '', prefix] = name.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) throw new Error(`not an address or a network: ${name}`);
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
};

const isIn = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Of `X-Forwarded-For`, the last entry that was not written by a trusted proxy about another one. */
const forwarded = (peer: string, header: string, trusted: BlockList): string => {
  let address = peer;
  for (const entry of header.split(',').reverse()) {
    const before = plain(entry.trim());
    if (!isIn(trusted, address) || isIP(before) === 0) break;
    address = before;
  }
  return address;
};

export const addressOf = (req: IncomingMessage, trusted: BlockList): string => {
  const peer = plain(req.socket.remoteAddress ?? '');
  const header = req.headers['x-forwarded-for'];
  return typeof header === 'string' && isIP(peer) !== 0 ? forwarded(peer, header, trusted) : peer;
};

/** The first four groups of an IPv6 address: who has one address of such a network has all of them. */
const network = (address: string): string => {
  const [head = '', tail = ''] = address.split('%')[0]!.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = address.includes('::')
    ? [...groups(head), ...Array<string>(Math.max(0, missing)).fill('0'), ...groups(tail)]
    : groups(head);
  return `${all
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
};
/** Whom a limit on addresses counts: an IPv4 address, or an IPv6 network. */
export const limitKey = (address: string): string => (address.includes(':') ? network(address) : address);
