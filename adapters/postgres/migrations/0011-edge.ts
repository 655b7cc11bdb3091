/** What the edge keeps for itself. Counters need not outlive a crash of the database: unlogged, they cost no disk writes. */
export const edge = (role: string): string => `
create schema edge;
create unlogged table edge.rate_limits (
  key varchar(255) primary key,
  points int not null default 0,
  expire bigint
) with (fillfactor = 50);
grant usage on schema edge to ${role};
grant select, insert, update, delete on edge.rate_limits to ${role};
`;
