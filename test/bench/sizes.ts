/** What a lot of stored items costs: the same work on a small and on a large shop, in turns; a thousand items are wanted. */
import { withClient } from '../kit/servers.ts';
import { spawnApp } from '../kit/spawn-app.ts';
import { median } from './figures.ts';
import { openShop, type PurchaseSetting, WARM } from './purchases.ts';

import { shelves } from './reservations.ts';

/** Items that nobody wants: stock, availability, and products in the catalogue. Their documents are those of a real one. */
const fill = (url: string, items: number): Promise<void> =>
  withClient(url, async (admin) => {
    const name = `'FILL-' || n`;
    const numbers = `generate_series(1, ${items}) as n`;
    await admin.query(`insert into inventory.stock_items (sku, on_hand, reserved, version, created_by, updated_by)
      select ${name}, 100, 0, 1, 'bench', 'bench' from ${numbers}`);
    await admin.query(`insert into inventory.availability (sku, on_hand, reserved, available, position, updated_at)
      select ${name}, 100, 0, 100, 0, now() from ${numbers}`);
    await admin.query(`insert into products.products (id, seller_id, title, description, category, status, version, created_by, updated_by)
      select ${name}, 'bench', 'Filler ' || n, '', '{bench}', 'published', 1, 'bench', 'bench' from ${numbers}`);
    await admin.query(`insert into products.product_variants (product_id, variant_id, ordinal, sku, attributes)
      select ${name}, ${name} || '-1', 1, ${name}, '{}' from ${numbers}`);
    await admin.query('vacuum analyze');
  });

export interface SizeFigures {
  readonly small: number;
  readonly large: number;
  /** Large over small: 1 is no slower. */
  readonly ratio: number;
}
const figures = (pairs: readonly (readonly [number, number])[]): SizeFigures => ({
  small: median(pairs.map(([small]) => small)),
  large: median(pairs.map(([, large]) => large)),
  ratio: median(pairs.map(([small, large]) => large / small)),
});

export interface SizeSetting extends Omit<PurchaseSetting, 'app'> {
  readonly databaseFor: (name: string) => Promise<string>;
  readonly small: number;
  readonly large: number;
}

export const sizes = async (setting: SizeSetting) => {
  const { databaseFor, nats, seconds, skus, runs, buyers } = setting;
  const urls = [await databaseFor('items_small'), await databaseFor('items_large')] as const;
  await fill(urls[0], setting.small - skus);
  await fill(urls[1], setting.large - skus);
  const reserving: [number, number][] = [];
  const [few, many] = [await shelves(urls[0], skus), await shelves(urls[1], skus)];
  for (let i = 0; i < runs; i += 1)
    reserving.push([(await few.sell(1024, seconds)).rate, (await many.sell(1024, seconds)).rate]);
  await Promise.all([few.engine.stop(), many.engine.stop()]);
  const apps = [];
  for (const [i, url] of urls.entries())
    apps.push(
      await spawnApp({
        DATABASE_URL: url,
        NATS_URL: nats.url,
        NATS_NAMESPACE: `sizes${i}`,
        LOG_LEVEL: 'info',
        DEMO_DATA: 'true',
        NODE_ENV: 'development',
      }),
    );
  const shops = await Promise.all(apps.map((app) => openShop(app.url, buyers, skus)));
  for (const shop of shops) await shop.sell(WARM);
  const buying: [number, number][] = [];
  for (let i = 0; i < runs; i += 1)
    buying.push([(await shops[0]!.sell(seconds)).rate, (await shops[1]!.sell(seconds)).rate]);
  for (const shop of shops) await shop.close();
  for (const app of apps) await app.stop();
  return { reserving: figures(reserving), buying: figures(buying) };
};
