/** Providers' messages between their arrival and their being handled. */
import { expect, test } from '@jest/globals';
import { Notices } from '../../actors/notices.ts';
import type { GatewayNotice } from '../../actors/ports/gateway.ts';
import type { Inbox } from '../../actors/ports/inbox.ts';
import { Registry } from '../../actors/registry.ts';
import { until } from '../kit/until.ts';

const notice: GatewayNotice = {
  eventId: 'evt-1',
  type: 'charge.authorised',
  about: 'payment',
  references: [],
  paymentId: 'pay-1',
  key: 'pay-1/authorise',
};

/** An inbox that stores the first time without being able to say so. */
const forgetfulInbox = () => {
  const stored = new Map<string, GatewayNotice>();
  const handled: string[] = [];
  let lost = 1;
  const inbox: Inbox = {
    store: async (_, notices) => {
      const fresh = notices.filter(({ eventId }) => !stored.has(eventId));
      for (const each of fresh) stored.set(each.eventId, each);
      if (lost-- > 0) throw new Error('Connection terminated unexpectedly');
      return new Set(fresh.map(({ eventId }) => eventId));
    },
    open: async () =>
      [...stored.values()]
        .filter(({ eventId }) => !handled.includes(eventId))
        .map((each) => ({ notice: each, parked: false })),
    handled: async (_, ids) => void handled.push(...ids),
    failed: async () => undefined,
  };
  return { inbox, handled };
};

test('a notice that was stored by a statement whose outcome nobody learned is handled, once', async () => {
  const { inbox, handled } = forgetfulInbox();
  const taken: string[] = [];
  const take = async ({ eventId }: GatewayNotice) => taken.push(eventId) > 0;
  const notices = new Notices({ name: 'sandbox', inbox, registry: new Registry(), take });
  await expect(notices.receive(notice)).rejects.toThrow('Connection terminated');
  expect(await notices.receive(notice)).toBe(false);
  await notices.resume();
  await notices.resume();
  await until(() => handled.length > 0);
  expect([handled, taken]).toEqual([['evt-1'], ['evt-1']]);
  await notices.stop();
});
