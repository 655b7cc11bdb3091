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

/** An inbox in memory; `parked` are those that were put aside. */
const openInbox = () => {
  const log: string[] = [];
  const parked = new Set<string>();
  const inbox: Inbox = {
    store: async (_, notices) => new Set(notices.map(({ eventId }) => eventId)),
    open: async () => [...parked].map((eventId) => ({ notice: { ...notice, eventId }, parked: true })),
    handled: async (_, ids) => void log.push(...ids.map((id) => `${id} handled`)),
    failed: async (_, eventId, error, park) => {
      if (park) parked.add(eventId);
      log.push(`${eventId} ${error}${park ? ', parked' : ''}`);
    },
  };
  return { inbox, log, parked };
};
const inboxOf = (take: (notice: GatewayNotice) => Promise<boolean>) => {
  const { inbox, log, parked } = openInbox();
  const registry = new Registry();
  const announced: unknown[] = [];
  registry.changes.subscribe(({ change, detail }) => announced.push([change, detail?.eventId]));
  const notices = new Notices({ name: 'sandbox', inbox, registry, take, firstRetry: 1, tries: 3 });
  return { notices, log, parked, announced };
};

test('a notice that overtook its payment is taken at a later try', async () => {
  let payments = 0;
  const { notices, log } = inboxOf(async () => ++payments > 2);
  await notices.receive(notice);
  await until(() => log.includes('evt-1 handled'));
  expect(log).toEqual(['evt-1 nobody can take it yet', 'evt-1 nobody can take it yet', 'evt-1 handled']);
  await notices.stop();
});

test('one that nobody can take is parked after its tries, said once, and tried once more each time it is taken up', async () => {
  let known = false;
  const { notices, log, parked, announced } = inboxOf(async () => known);
  await notices.receive(notice);
  await until(() => parked.has('evt-1'));
  expect(log).toHaveLength(3);
  await notices.resume();
  await until(() => log.length === 4);
  expect(announced).toEqual([['parked', 'evt-1']]);
  known = true;
  await notices.resume();
  await until(() => log.at(-1) === 'evt-1 handled');
  await notices.stop();
});

test('one about nothing is stored, and handled by nobody', async () => {
  const taken: string[] = [];
  const { notices } = inboxOf(async ({ eventId }) => taken.push(eventId) > 0);
  expect(await notices.receive({ ...notice, about: 'nothing' })).toBe(true);
  await notices.receive({ ...notice, eventId: 'evt-2' });
  await until(() => taken.length > 0);
  expect(taken).toEqual(['evt-2']);
  await notices.stop();
});
