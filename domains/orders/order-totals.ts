/** The arithmetic of an order. All amounts in minor units of its currency. */
import type { OrderLine, Totals } from '../../contracts/orders.ts';

const FIELDS = ['net', 'discount', 'tax', 'shipping', 'gross'] as const satisfies readonly (keyof Totals)[];

const wrongTotals = (totals: Totals): string | undefined => {
  const { net, discount, tax, shipping, gross } = totals;
  if (FIELDS.some((field) => totals[field] < 0)) return 'an amount is negative';
  if (discount > net) return `a discount of ${discount} on ${net}`;
  if (net - discount + tax + shipping !== gross) return `${net} - ${discount} + ${tax} + ${shipping} is not ${gross}`;
  return undefined;
};

const wrongLine = ({ line, quantity, unitPrice, totals }: OrderLine): string | undefined => {
  const net = quantity * unitPrice;
  if (!Number.isSafeInteger(net)) return `line ${line}: ${quantity} x ${unitPrice} is beyond what can be counted`;
  if (net !== totals.net) return `line ${line}: ${quantity} x ${unitPrice} is not ${totals.net}`;
  const wrong = wrongTotals(totals);
  return wrong && `line ${line}: ${wrong}`;
};

const wrongSum = (lines: readonly OrderLine[], totals: Totals): string | undefined => {
  const off = FIELDS.find((field) => lines.reduce((sum, line) => sum + line.totals[field], 0) !== totals[field]);
  return off && `the lines' ${off} do not add up to ${totals[off]}`;
};

/** What is wrong with the amounts, as a sentence; undefined when line and order add up to the last minor unit. */
export const whatDoesNotAddUp = (lines: readonly OrderLine[], totals: Totals): string | undefined => {
  if (new Set(lines.map(({ line }) => line)).size !== lines.length) return 'a line number occurs twice';
  for (const line of lines) {
    const wrong = wrongLine(line);
    if (wrong !== undefined) return wrong;
  }
  return wrongTotals(totals) ?? wrongSum(lines, totals);
};
