/** The columns of flash sales that the checker looks at; see rows.ts. */
import type { SalePrice } from '../../contracts/flashsales.ts';

export interface SaleTables {
  readonly 'flashsales.flash_sales': {
    id: string;
    stage: string;
    sku: string;
    prices: SalePrice[];
    allocation: number;
    max_per_buyer: number;
    held: number;
    sold: number;
    version: number;
  };
  readonly 'flashsales.flash_sale_claims': {
    id: string;
    sale_id: string;
    buyer_id: string | null;
    quantity: number;
    status: string;
  };
  readonly 'flashsales.allocation_flows': { id: string; stage: string };
  readonly 'inventory.stock_allocations': {
    id: string;
    sku: string;
    quantity: number;
    sold: number | null;
    status: string;
  };
}
