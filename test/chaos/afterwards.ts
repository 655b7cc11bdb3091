/** After all that the shop is open: a sale sells, a bad card is told so, a file is imported, and all of it can be seen. */
import type { Sent } from './client.ts';
import type { Field } from './field.ts';
import { type Exchange, type Violation, violation } from './rows.ts';
import type { Person } from './shop.ts';

const at = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();
const PATIENCE = 60_000;

/** Asks until there is an answer; every question has a key of its own. */
const askerOf = ({ recorder }: Field) => {
  const end = Date.now() + PATIENCE;
  let n = 0;
  return (sent: Omit<Sent, 'key'>): Promise<Exchange> => {
    n += 1;
    return recorder.insist({ ...sent, key: `afterwards-${n}` }, () => Date.now() > end);
  };
};
type Ask = ReturnType<typeof askerOf>;

/** Of a ware that no file counts: imports may still be under way. */
const wareOf = ({ shop }: Field) => shop.wares.find(({ scarce }) => !scarce)!;

const holdSale = async (ask: Ask, field: Field): Promise<string> => {
  const { sku, seller } = wareOf(field);
  const receipt = { what: 'receipt', path: `/api/v1/inventory/${sku}/receipts`, body: { quantity: 5 } };
  await ask({ ...seller, ...receipt });
  const prices = [{ currency: 'USD', sale: 500 }];
  const body = { sku, prices, starts_at: at(-500), ends_at: at(PATIENCE), allocation: 2, max_per_buyer: 1 };
  const { data } = await ask({ ...seller, what: 'schedule', path: '/api/v1/flash-sales', body });
  return `/api/v1/flash-sales/${data?.sale_id}`;
};

const buy = (ask: Ask, buyer: Person, sale: string, token: string): Promise<Exchange> => {
  const body = { currency: 'USD', payment: { token } };
  return ask({ ...buyer, what: 'flash', path: `${sale}/purchases`, body, wait: 20 });
};

const sales = async (ask: Ask, field: Field): Promise<Record<string, unknown>> => {
  const { shop } = field;
  const sale = await holdSale(ask, field);
  const [rich, poor] = shop.guests as readonly [Person, Person];
  const bought = await buy(ask, rich, sale, 'tok_success');
  const declined = await buy(ask, poor, sale, 'tok_declined');
  const [order] = (bought.data?.order_ids ?? []) as readonly string[];
  const seen = await ask({ ...rich, what: 'look', method: 'GET', path: `/api/v1/orders/${order}` });
  const { seller } = wareOf(field);
  const ended = await ask({ ...seller, what: 'cancel-sale', method: 'DELETE', path: sale, body: {} });
  return { bought: bought.status, declined: declined.status, order: seen.data?.status, ended: ended.status };
};

const imports = async (ask: Ask, { shop, files, recorder }: Field): Promise<Record<string, unknown>> => {
  const seller = shop.sellers[0]!;
  const [externalId, sku, title] = ['afterwards', `AFTER-${seller.who}`, 'Afterwards'];
  const text = `external_id,sku,title,price:USD,stock\r\n${externalId},${sku},${title},3.00,7\r\nbad,B-1,Bad,-1,`;
  const path = '/api/v1/products/import';
  const { key, data } = await ask({ ...seller, what: 'import', path, file: { type: 'text/csv', text } });
  const rows = [
    { line: 2, sku, externalId, title, price: 300, stock: 7, isBad: false },
    { line: 3, sku: 'B-1', externalId: 'bad', title: 'Bad', isBad: true },
  ];
  files.push({ who: seller.who, key: key!, rows, isTorn: false });
  const progress = { ...seller, what: 'import-progress', method: 'GET', path: `${path}s/${data?.import_id}` } as const;
  const { data: told } = await recorder.insist({ ...progress, wait: 20 }, () => true);
  return { status: told?.status, created: told?.created, refused: told?.refused };
};

const WANTED = {
  sale: { bought: 201, declined: 402, order: 'paid', ended: 200 },
  import: { status: 'completed', created: 1, refused: 1 },
};

/** What is not as it should be. */
export const afterwards = async (field: Field): Promise<Violation[]> => {
  const ask = askerOf(field);
  const found = { sale: await sales(ask, field), import: await imports(ask, field) };
  return (['sale', 'import'] as const).flatMap((what) => {
    const [is, wanted] = [JSON.stringify(found[what]), JSON.stringify(WANTED[what])];
    return is === wanted ? [] : [violation('the shop is open afterwards', what, `${is} instead of ${wanted}`)];
  });
};
