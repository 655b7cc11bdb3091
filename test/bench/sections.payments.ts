/** Section about payments: webhooks that come while the shop sells. */
import type { Section } from './setting.ts';
import { compareStreams } from './streams.ts';
import { webhooks } from './webhooks.ts';

export const intake: Section = async ({ report, nats, databaseFor }) => {
  const [url, namespace] = [await databaseFor('webhooks'), 'webhooks'];
  const env = {
    DATABASE_URL: url,
    NATS_URL: nats.url,
    NATS_NAMESPACE: namespace,
    LOG_LEVEL: 'info',
    DEMO_DATA: 'true',
  };
  const figures = await webhooks(env);
  report.row('signed webhooks/s while the shop sells', figures.rate, undefined, undefined, '>= 500');
  report.row('  p50 ms until answered', figures.p50, undefined, undefined, '< 50');
  report.row('  p99 ms', figures.p99);
  report.row('  purchases/s beside it (alone)', figures.beside, figures.alone, figures.beside / figures.alone, 'half');
  report.row('  answered, and then killed in the middle', figures.acknowledged);
  report.row('  of these missing', figures.lost, undefined, undefined, '= 0');
  report.row('  of these not handled after the restart', figures.unhandled, undefined, undefined, '= 0');
  const streams = await compareStreams(url, nats.url, { namespace });
  report.keep('webhooks', { ...figures, streams });
  report.compared('after it', streams);
};
