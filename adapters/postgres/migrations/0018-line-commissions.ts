/** What the platform takes of a line is part of what was sold. Lines from before have none. */
export const lineCommissions = (): string => `
alter table orders.order_items add column commission bigint check (commission between 0 and gross);
`;
