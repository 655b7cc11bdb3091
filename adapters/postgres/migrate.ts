/** Brings a database to the current schema. Expand first, contract in a later release: old code must run beside it. */
import { Migration, Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { migrations } from './migrations/index.ts';

export const APP_ROLE = 'tradewind_app';

/** Creates the role whose rights the application has; it owns nothing. Roles are shared by all databases of a server. */
const ensureRole = (role: string): string => `
do $$ begin
  if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
exception when duplicate_object or unique_violation then null;
end $$;
do $$ begin
  if not pg_has_role(current_user, '${role}', 'member') then execute 'grant ${role} to ' || quote_ident(current_user); end if;
end $$;`;

const toClass = (name: string, sql: string) => ({
  name,
  class: class extends Migration {
    override up(): void {
      this.addSql(sql);
    }
  },
});

/** `url`: a user who may create schemas and the role `role` (or is a member of it). */
export const migrate = async (url: string, role: string = APP_ROLE): Promise<void> => {
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: {
      migrationsList: migrations(role).map(({ name, sql }) => toClass(name, sql)),
      snapshot: false,
      tableName: 'tradewind_migrations',
    },
    logger: () => undefined,
    debug: false,
  });
  try {
    await orm.em.getConnection().execute(ensureRole(role));
    await orm.migrator.up();
  } finally {
    await orm.close(true);
  }
};
