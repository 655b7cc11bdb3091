/** Buyers pay with methods that they keep at a provider: an attempt knows whose it is. */
export const savedMethods = (): string => `
alter table payments.payment_attempts add column customer text;
`;
