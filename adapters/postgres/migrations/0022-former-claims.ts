/** Who gave units of a sale back: read when the sale comes into memory. */
export const formerClaims = (): string => `
create index flash_sale_claims_former on flashsales.flash_sale_claims (sale_id, buyer_id)
  where status in ('released', 'expired');
`;
