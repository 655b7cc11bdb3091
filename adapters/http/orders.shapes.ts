/** Lines and totals of what is sold, on the wire. */
import { z } from 'zod';
import { Id, Quantity, Sku } from '../../contracts/common.ts';
import type { OrderLine, Totals } from '../../contracts/orders.ts';
import { MoneyShape, money } from './shapes.ts';

export const TotalsShape = z.object({
  net: MoneyShape,
  discount: MoneyShape,
  tax: MoneyShape,
  shipping: MoneyShape,
  gross: MoneyShape,
});
export const LineShape = z.object({
  line: z.int(),
  product_id: Id,
  variant_id: Id,
  sku: Sku,
  title: z.string(),
  attributes: z.record(z.string(), z.string()),
  quantity: Quantity,
  unit_price: MoneyShape,
  totals: TotalsShape,
  commission: MoneyShape.nullable().describe('the platform’s part, frozen at the sale; for the seller and admins'),
});
export const showTotals = (totals: Totals, currency: string): z.input<typeof TotalsShape> => ({
  net: money(totals.net, currency),
  discount: money(totals.discount, currency),
  tax: money(totals.tax, currency),
  shipping: money(totals.shipping, currency),
  gross: money(totals.gross, currency),
});
export const showLine = (line: OrderLine, currency: string, isInside: boolean): z.input<typeof LineShape> => ({
  line: line.line,
  product_id: line.productId,
  variant_id: line.variantId,
  sku: line.sku,
  title: line.title,
  attributes: line.attributes,
  quantity: line.quantity,
  unit_price: money(line.unitPrice, currency),
  totals: showTotals(line.totals, currency),
  commission: isInside && line.commission !== undefined ? money(line.commission, currency) : null,
});
