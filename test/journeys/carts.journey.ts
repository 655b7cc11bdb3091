/** Carts, as guests and buyers fill them, take them along and buy them. */
import { describe, expect, test } from '@jest/globals';
import { cartOf } from '../kit/carts.ts';
import { by, refused, taken, told } from '../kit/client.ts';
import { bought, challenged } from '../kit/purchases.ts';
import type { Shop } from '../kit/shop.ts';
import { until } from '../kit/until.ts';

const usd = (amount: number) => ({ amount, currency: 'USD' });

type Look = Awaited<ReturnType<Awaited<ReturnType<typeof cartOf>>['look']>>;
const inside = ({ lines }: Look) => lines.map(({ sku, quantity }) => `${quantity} ${sku}`);

export const carts = (shop: () => Shop): void => {
  const offer = async (amount = 1_000, stock = 20) => shop().offer(await shop().as('seller'), { amount, stock });
  const guest = async () => taken(await shop().client().POST('/api/v1/auth/guest'));
  const reprice = async (productId: string, amount: number) => {
    const seller = shop().client(await shop().as('seller'));
    const body = { price: usd(amount) };
    taken(await seller.PATCH('/api/v1/products/{id}/price', { ...by(productId), body }));
  };

  describe('a cart', () => {
    test('is filled, changed and emptied, and always tells what it costs now', async () => {
      const [tea, mug] = [await offer(300), await offer(1_200)];
      const cart = await cartOf(shop(), (await shop().newcomer()).token);
      expect(await cart.look()).toMatchObject({ lines: [], quote: null, checkout_id: null });
      const filled = taken(await cart.add({ sku: tea.sku, quantity: 2 }, { sku: mug.sku, quantity: 1 }));
      expect([inside(filled), filled.quote?.total]).toEqual([[`2 ${tea.sku}`, `1 ${mug.sku}`], usd(1_800)]);
      taken(await cart.add({ sku: tea.sku, quantity: 1 }));
      taken(await cart.change(mug.sku, 3));
      expect((await cart.look()).quote?.total).toEqual(usd(4_500));
      expect(inside(taken(await cart.remove(tea.sku)))).toEqual([`3 ${mug.sku}`]);
      expect(taken(await cart.empty())).toMatchObject({ lines: [], quote: null });
      expect((await cart.open()).cart_id).toBe(cart.id);
    });

    test('remembers what things cost when they were put in, and says what they cost now', async () => {
      const { sku, productId } = await offer(1_000);
      const cart = await cartOf(shop(), (await shop().newcomer()).token);
      const { quote } = taken(await cart.add({ sku, quantity: 2 }));
      await reprice(productId, 900);
      const dearer = await until(async () => {
        const seen = await cart.look();
        return seen.lines[0]?.unit_price?.amount === 900 ? seen : undefined;
      });
      expect(dearer.lines).toEqual([{ sku, quantity: 2, price_seen: usd(1_000), unit_price: usd(900) }]);
      // Who was told 20.00 is not sold it for 18.00 either, without a word.
      expect(refused(await cart.buy({ quote: quote!.quote }))).toMatchObject({
        status: 409,
        code: 'quote_changed',
        details: { quote: dearer.quote!.quote, total: usd(1_800) },
      });
      expect(bought(await cart.buy({ quote: dearer.quote!.quote })).total).toEqual(usd(1_800));
    });

    test('says what is not for sale any more, and is bought without it', async () => {
      const [tea, mug] = [await offer(300), await offer(1_200)];
      const cart = await cartOf(shop(), (await shop().newcomer()).token);
      const both = [tea, mug].map(({ sku }) => ({ sku, quantity: 1 }));
      taken(await cart.addOnce('both', ...both));
      const seller = shop().client(await shop().as('seller'));
      taken(await seller.PATCH('/api/v1/products/{id}/deactivate', by(tea.productId)));
      const seen = await until(async () => {
        const now = await cart.look();
        return now.lines[0]?.unit_price === null ? now : undefined;
      });
      expect([seen.quote?.total, seen.lines.map(({ unit_price }) => unit_price)]).toEqual([
        usd(1_200),
        [null, usd(1_200)],
      ]);
      expect(refused(await cart.buy())).toMatchObject({ code: 'not_for_sale', details: { sku: tea.sku } });
      expect(told(await cart.add({ sku: tea.sku, quantity: 1 }))).toBe('422 not_for_sale');
      // What was put in is put in: the same request is told so, and puts nothing in.
      expect(inside(taken(await cart.addOnce('both', ...both)))).toEqual([`1 ${tea.sku}`, `1 ${mug.sku}`]);
      taken(await cart.remove(tea.sku));
      expect(bought(await cart.buy()).total).toEqual(usd(1_200));
    });

    test('is quoted in another currency when it is asked for in that', async () => {
      const cart = await cartOf(shop(), (await shop().newcomer()).token);
      taken(await cart.add({ sku: 'LAMP-1', quantity: 1 }));
      const yen = await cart.open('JPY');
      expect([yen.quote?.total, yen.lines[0]?.price_seen.currency]).toEqual([
        { amount: 19_200, currency: 'JPY' },
        'USD',
      ]);
    });

    test('refuses what is too much, not for sale, or not in it, and then holds what it held', async () => {
      const { sku } = await offer();
      const cart = await cartOf(shop(), (await shop().newcomer()).token);
      taken(await cart.add({ sku, quantity: 999_999 }));
      expect(told(await cart.add({ sku, quantity: 2 }))).toBe('409 too_many_units');
      const { sku: palace } = await offer(1_000_000_000);
      expect(taken(await cart.add({ sku: palace, quantity: 1_000_000 })).quote).toBeNull();
      expect(refused(await cart.buy())).toMatchObject({
        status: 422,
        code: 'total_too_large',
        details: { most: 1e15 },
      });
      taken(await cart.remove(palace));
      expect(told(await cart.add({ sku, quantity: 1 }, { sku: 'NOTHING', quantity: 1 }))).toBe('422 not_for_sale');
      expect(told(await cart.change('LAMP-1', 1))).toBe('404 unknown_cart_item');
      expect(told(await cart.add())).toBe('400 validation_failed');
      expect(inside(await cart.look())).toEqual([`999999 ${sku}`]);
    });

    test('is nobody else’s: a stranger does not find it, an admin sees it', async () => {
      const { sku } = await offer();
      const cart = await cartOf(shop(), (await shop().newcomer()).token);
      taken(await cart.add({ sku, quantity: 1 }));
      const stranger = shop().client((await shop().newcomer()).token);
      const item = { ...by(cart.id), body: { sku, quantity: 5 } };
      expect(told(await stranger.GET('/api/v1/carts/{id}', by(cart.id)))).toBe('404 not_found');
      expect(told(await stranger.PATCH('/api/v1/carts/{id}/items', item))).toBe('404 not_found');
      expect(told(await stranger.DELETE('/api/v1/carts/{id}', by(cart.id)))).toBe('404 not_found');
      expect(told(await stranger.POST('/api/v1/carts/{id}/checkout', { ...by(cart.id), body: {} }))).toBe(
        '404 not_found',
      );
      const admin = shop().client(await shop().as('admin'));
      expect(inside(taken(await admin.GET('/api/v1/carts/{id}', by(cart.id))))).toEqual([`1 ${sku}`]);
    });
  });

  describe('buying a cart', () => {
    test('takes out what is bought; the same request again is the same purchase', async () => {
      const { sku } = await offer(500, 5);
      const buyer = await shop().newcomer();
      const cart = await cartOf(shop(), buyer.token);
      taken(await cart.add({ sku, quantity: 2 }));
      const first = await cart.buy({ key: 'this-cart' });
      expect([told(first), bought(first).total]).toEqual(['201', usd(1_000)]);
      expect(await cart.look()).toMatchObject({ lines: [], checkout_id: null });
      const again = await cart.buy({ key: 'this-cart' });
      expect(bought(again)).toEqual(bought(first));
      const order = await shop().orderOf(bought(first).order, buyer.token);
      expect(order).toMatchObject({ status: 'paid', lines: [{ sku, quantity: 2 }] });
      await shop().stockBecomes(sku, { on_hand: 3, reserved: 0 });
      expect(told(await cart.buy())).toBe('409 cart_empty');
    });

    test('declined, or out of stock: it is all there, and may be bought again', async () => {
      const { sku } = await offer(500, 2);
      const cart = await cartOf(shop(), (await shop().newcomer()).token);
      taken(await cart.add({ sku, quantity: 3 }));
      expect(told(await cart.buy())).toBe('409 out_of_stock');
      taken(await cart.change(sku, 2));
      expect(told(await cart.buy({ pays: 'tok_declined' }))).toBe('402 payment_declined');
      expect(inside(await cart.look())).toEqual([`2 ${sku}`]);
      expect(told(await cart.buy())).toBe('201');
    });

    test('ten times at once under ten keys buys it once', async () => {
      const { sku } = await offer(500, 20);
      const cart = await cartOf(shop(), (await shop().newcomer()).token);
      taken(await cart.add({ sku, quantity: 1 }));
      const answers = await Promise.all(Array.from({ length: 10 }, () => cart.buy()));
      const ends = answers.map(told);
      expect(ends.filter((end) => end === '201')).toHaveLength(1);
      for (const end of ends)
        expect(['201', '409 cart_in_checkout', '409 cart_changed', '409 cart_empty']).toContain(end);
      await shop().stockBecomes(sku, { on_hand: 19, reserved: 0 });
      expect(await cart.look()).toMatchObject({ lines: [], checkout_id: null });
    });

    test('while the bank asks, nobody buys it twice, and what is put in meanwhile stays', async () => {
      const [tea, mug] = [await offer(300), await offer(1_200)];
      const buyer = await shop().newcomer();
      const cart = await cartOf(shop(), buyer.token);
      taken(await cart.add({ sku: tea.sku, quantity: 2 }));
      const { checkout_id, reference } = challenged(await cart.buy({ pays: 'tok_3ds' }));
      expect((await cart.look()).checkout_id).toBe(checkout_id);
      expect(refused(await cart.buy())).toMatchObject({
        code: 'cart_in_checkout',
        details: { checkoutId: checkout_id },
      });
      taken(await cart.add({ sku: tea.sku, quantity: 1 }, { sku: mug.sku, quantity: 1 }));
      await shop().answerBank(reference, 'approve');
      expect((await shop().checkoutOf(checkout_id, buyer.token, 20)).status).toBe('completed');
      expect(inside(await cart.look())).toEqual([`1 ${tea.sku}`, `1 ${mug.sku}`]);
    });

    test('given up while the bank asks: it is all there, and free', async () => {
      const { sku } = await offer();
      const buyer = await shop().newcomer();
      const cart = await cartOf(shop(), buyer.token);
      taken(await cart.add({ sku, quantity: 1 }));
      const { checkout_id } = challenged(await cart.buy({ pays: 'tok_3ds' }));
      await shop().client(buyer.token).POST('/api/v1/checkouts/{id}/cancel', by(checkout_id));
      expect((await shop().checkoutOf(checkout_id, buyer.token, 20)).status).toBe('aborted');
      expect(await cart.look()).toMatchObject({ lines: [{ sku, quantity: 1 }], checkout_id: null });
      expect(told(await cart.buy())).toBe('201');
    });
  });

  describe('a guest’s cart', () => {
    test('comes along when the guest registers, and joins the one that is there when they log in', async () => {
      const [tea, mug] = [await offer(300), await offer(1_200)];
      const first = await guest();
      taken(await (await cartOf(shop(), first.token)).add({ sku: tea.sku, quantity: 2 }));
      const [email, password] = [`guest-${first.user_id}@example.com`, 'Demo-1234'];
      const body = { email, password, guest_token: first.token };
      const registered = taken(await shop().client().POST('/api/v1/auth/register', { body }));
      expect(registered.guest_id).toBe(first.user_id);
      const cart = await cartOf(shop(), registered.token);
      const becomes = (...lines: string[]) =>
        until(async () => String(inside(await cart.look())) === String(lines), { what: `the cart to hold ${lines}` });
      await becomes(`2 ${tea.sku}`);
      const second = await guest();
      const theirs = await cartOf(shop(), second.token);
      taken(await theirs.add({ sku: mug.sku, quantity: 1 }, { sku: tea.sku, quantity: 1 }));
      const login = { email, password, guest_token: second.token };
      expect(taken(await shop().client().POST('/api/v1/auth/login', { body: login })).guest_id).toBe(second.user_id);
      await becomes(`3 ${tea.sku}`, `1 ${mug.sku}`);
      expect((await theirs.look()).lines).toEqual([]);
      expect(bought(await cart.buy()).total).toEqual(usd(2_100));
    });

    test('does not come along by a token that counts no longer, or by somebody else’s; the login succeeds', async () => {
      const other = await shop().newcomer();
      taken(await (await cartOf(shop(), other.token)).add({ sku: 'LAMP-1', quantity: 1 }));
      for (const guest_token of ['no.such.token', other.token]) {
        const body = { email: 'buyer@example.com', password: 'Demo-1234', guest_token };
        const { guest_id, token } = taken(await shop().client().POST('/api/v1/auth/login', { body }));
        expect([guest_id, inside(await (await cartOf(shop(), token)).look())]).toEqual([null, []]);
      }
    });
  });
};
