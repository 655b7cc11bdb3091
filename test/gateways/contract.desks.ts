/** What a payment provider does beside payments, as far as it does: sellers' accounts, disputes, its balance, saved methods. */
import { describe, expect, test } from '@jest/globals';
import type { Movement } from '../../actors/ports/gateway.ts';
import type { Kit, Succeeded } from './contract.kit.ts';
import { type Feature, fresh } from './harness.ts';

export const desks = ({ at, then, taken }: Kit, has: readonly Feature[]): void => {
  const only = (feature: Feature, name: string, body: () => Promise<void>) => has.includes(feature) && test(name, body);

  describe('sellers’ accounts', () => {
    only('accounts', 'are paid from a payment, once under one key, and pay back', async () => {
      const { call, reference } = await taken();
      const { transfers } = at().gateway;
      const pay = { ...then(call, 'transfer'), reference, account: at().account!, amount: 9_000 };
      expect(await transfers!.findTransfer(pay)).toBeUndefined();
      const paid = await transfers!.transfer(pay);
      expect(paid).toMatchObject({ outcome: 'succeeded', amount: 9_000, currency: at().currency });
      expect(await transfers!.findTransfer(pay)).toEqual(paid);
      expect(await transfers!.transfer(pay)).toEqual(paid);
      const tooMuch = { ...pay, key: `${pay.key}-2`, amount: 9_000 };
      expect(await transfers!.transfer(tooMuch)).toMatchObject({ outcome: 'failed' });
      const nobody = { ...pay, key: `${pay.key}-3`, account: 'nobody', amount: 100 };
      expect(await transfers!.transfer(nobody)).toMatchObject({ outcome: 'failed' });

      const back = {
        key: `${pay.key}/back`,
        transfer: (paid as Succeeded).reference,
        amount: 4_000,
        currency: at().currency,
      };
      expect(await transfers!.findReversal(back)).toBeUndefined();
      const reversed = await transfers!.reverse(back);
      expect(reversed).toMatchObject({ outcome: 'succeeded', amount: 4_000 });
      expect(await transfers!.findReversal(back)).toEqual(reversed);
      expect(await transfers!.reverse({ ...back, key: `${back.key}-2`, amount: 9_000 })).toMatchObject({
        outcome: 'failed',
      });
    });
  });

  const today = () => {
    const now = Date.now();
    return { since: new Date(now - 3_600_000).toISOString(), until: new Date(now + 60_000).toISOString() };
  };

  only('disputes', 'a dispute names the payment, the amount, and until when to answer', async () => {
    const { call, reference } = await taken(fresh(at()), at().tokens.disputed);
    at().dispute?.(reference);
    const found = [];
    for await (const dispute of at().gateway.disputes!.list(today())) found.push(dispute);
    const ours = found.find(({ payment }) => payment === reference);
    expect(ours).toMatchObject({ amount: call.amount, currency: at().currency, status: 'needs-response' });
    expect(Date.parse(ours!.evidenceDueBy!)).toBeGreaterThan(Date.now());
    expect(await at().gateway.disputes!.find(ours!.reference)).toEqual(ours);
    expect(await at().gateway.disputes!.find('dp_none')).toBeUndefined();
    // What it says was taken and kept is what is gone from its balance.
    let gone = 0;
    for await (const { source, net } of at().gateway.movements!(today())) if (source === ours!.reference) gone -= net;
    expect((ours!.taken ?? ours!.amount) + (ours!.fee ?? 0)).toBe(gone);
  });

  only(
    'balance',
    'its balance tells of every capture and refund, in their order, and what each left of it',
    async () => {
      const { call, reference, fee } = await taken();
      await at().gateway.refund({ ...then(call, 'refund'), reference, amount: 4_000 });
      const lines: Movement[] = [];
      for await (const line of at().gateway.movements!(today())) lines.push(line);
      const ours = lines.filter(({ payment }) => payment === reference);
      expect(ours).toMatchObject([
        { kind: 'charge', amount: call.amount, fee, net: call.amount - fee!, currency: at().currency },
        { kind: 'refund', amount: -4_000, currency: at().currency },
      ]);
      for (const { amount, fee: kept, net } of lines) expect(amount - kept).toBe(net);
      expect(lines.map(({ at: when }) => when)).toEqual(lines.map(({ at: when }) => when).sort());
    },
  );

  only('methods', 'a method is saved for its owner, shown without card data, and forgotten', async () => {
    const { methods } = at().gateway;
    const customer = await methods!.customer(fresh(at()).paymentId);
    const key = fresh(at()).key;
    const saved = await methods!.setUp!({ key, customer, token: at().tokens.good });
    expect(saved).toMatchObject({ outcome: 'saved' });
    const { token } = saved as { token: string };
    const [shown, ...others] = await methods!.list(customer);
    expect([shown?.token, others]).toEqual([token, []]);
    // The token is the provider's own, and may have many digits.
    expect(JSON.stringify({ ...shown, token: '' })).not.toMatch(/\d{12,}/);
    const pay = (payer: string) => at().gateway.authorise({ ...fresh(at()), customer: payer, token });
    expect(await pay(customer)).toMatchObject({ outcome: 'succeeded' });
    expect(await pay(await methods!.customer(fresh(at()).paymentId))).toMatchObject({ outcome: 'failed' });
    const refused = await methods!.setUp!({ key: `${key}-2`, customer, token: at().tokens.declined! });
    expect(refused).toMatchObject({ outcome: 'failed' });
    expect(await methods!.forget(customer, token)).toBe(true);
    expect(await methods!.forget(customer, token)).toBe(false);
    expect(await methods!.list(customer)).toEqual([]);
  });
};
