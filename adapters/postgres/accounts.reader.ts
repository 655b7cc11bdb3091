/** Users as a login and their own pages read them: from the accounts' own rows, for a login must see the newest. */
import type { UserDirectory, UserRow } from '../../actors/ports/readers.ts';
import type { Purpose } from '../../contracts/accounts.ts';
import type { Database } from './database.ts';
import { instant } from './mapping.ts';

const USER = `
select u.id as "userId", u.email, u.password_hash as "passwordHash", p.name, p.phone, u.status, u.locked_until as "lockedUntil",
  u.last_login as "lastLogin", u.registered_at as "registeredAt",
  u.email_verified_at as "emailVerifiedAt",
  array(select r.role from accounts.user_roles r where r.user_id = u.id order by r.role collate "C") as roles
from accounts.users u left join accounts.user_profiles p on p.user_id = u.id`;

/** As the driver gives it: null for what is absent, times as Date or text. */
type Raw = { readonly [Field in keyof UserRow]: UserRow[Field] | null };

const toUserRow = ({ name, phone, lockedUntil, lastLogin, emailVerifiedAt, registeredAt, ...row }: Raw): UserRow => ({
  ...(row as UserRow),
  name: name ?? undefined,
  phone: phone ?? undefined,
  lockedUntil: lockedUntil ? instant(lockedUntil) : undefined,
  lastLogin: lastLogin ? instant(lastLogin) : undefined,
  emailVerifiedAt: emailVerifiedAt ? instant(emailVerifiedAt) : undefined,
  registeredAt: instant(registeredAt),
});

export class PostgresUserDirectory implements UserDirectory {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  byEmail(email: string): Promise<UserRow | undefined> {
    return this.#one('u.email = $1', email);
  }

  byId(userId: string): Promise<UserRow | undefined> {
    return this.#one('u.id = $1', userId);
  }

  async #one(condition: string, value: string): Promise<UserRow | undefined> {
    const [row] = await this.#database.query<Raw>(`${USER} where ${condition}`, [value]);
    return row && toUserRow(row);
  }
}

/** A ticket whose mail nobody has reported on. */
export interface OpenTicket {
  readonly ticketId: string;
  readonly userId: string;
  readonly purpose: Purpose;
  readonly expiresAt: string;
}
/** Older than so many milliseconds, oldest first. Expired ones, too: somebody must say so. */
export const unmailedTickets = async (database: Database, olderThan: number, limit: number): Promise<OpenTicket[]> => {
  const rows = await database.query<OpenTicket>(
    `select ticket_id as "ticketId", user_id as "userId", purpose, expires_at as "expiresAt" from accounts.user_tickets
     where mail is null and issued_at < now() - $1 * interval '1 millisecond' order by issued_at limit $2`,
    [olderThan, limit],
  );
  return rows.map((row) => ({ ...row, expiresAt: instant(row.expiresAt) }));
};
