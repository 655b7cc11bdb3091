/** Placement of work (leases), and the check that fails a statement whose rows have moved on. */
export const engine = (role: string): string => `
create schema engine;
create table engine.leases (
  name text primary key,
  holder text not null,
  epoch int not null,
  expires_at timestamptz not null,
  address text
) with (fillfactor = 50);
create function engine.expect(code text, what text, actual bigint, expected bigint) returns boolean language plpgsql as $$
begin
  if actual <> expected then
    raise exception '%: % of % rows as expected', what, actual, expected using errcode = code;
  end if;
  return true;
end $$;
grant usage on schema engine to ${role};
grant select, insert, update, delete on engine.leases to ${role};
`;
