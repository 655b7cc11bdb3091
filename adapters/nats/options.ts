/** From NATS_URL to what the client wants. */
import type { ConnectionOptions } from '@nats-io/transport-node';

/** The client takes no credentials from a URL, so they are handed over beside it. Several servers: separated by commas. */
export const natsOptions = (url: string): Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls'> => {
  const urls = url.split(',').map((part) => new URL(part.trim()));
  const servers = urls.map(({ hostname, port }) => `${hostname}:${port || 4222}`);
  const tls = urls.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {};
  const [user, pass] = [decodeURIComponent(urls[0]!.username), decodeURIComponent(urls[0]!.password)];
  if (user === '') return { servers, ...tls };
  return pass === '' ? { servers, token: user, ...tls } : { servers, user, pass, ...tls };
};
