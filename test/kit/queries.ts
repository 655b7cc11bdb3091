/** How often Postgres is asked: every statement of this process goes through the driver's one door. */
import pg from 'pg';

type Query = (this: pg.Client, config: string | { readonly text: string }, ...rest: unknown[]) => unknown;

/** Statements that `work` sends whose text matches `about`; what leases and clocks send meanwhile is not counted. */
export const counted = async (about: RegExp, work: () => Promise<unknown>): Promise<number> => {
  const door = pg.Client.prototype as unknown as { query: Query };
  const { query } = door;
  let statements = 0;
  door.query = function (config, ...rest) {
    if (about.test(typeof config === 'string' ? config : config.text)) statements += 1;
    return query.call(this, config, ...rest);
  };
  try {
    await work();
  } finally {
    door.query = query;
  }
  return statements;
};
