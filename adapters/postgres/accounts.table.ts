/** Users in their tables. What events withhold is written from the state, which has it, and to these rows alone. */
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Change } from '../../actors/ports/journal.ts';
import type { Loaded } from '../../actors/ports/store.ts';
import { type MailOutcome, type Purpose, ROLES, type Role, type UserStatus } from '../../contracts/accounts.ts';
import type { Session, Ticket, User, UserEvent, UserState } from '../../domains/accounts/user.ts';
import { rootColumns, rootValues } from './columns.ts';
import type { Database } from './database.ts';
import { instant, type TableMapping } from './mapping.ts';
import { insert, move, type RowData, remove, update, upsert, type Write } from './writes.ts';

const schema = 'accounts';
export const UserAccount = defineEntity({
  name: 'UserAccount',
  schema,
  tableName: 'users',
  properties: {
    id: p.text().primary(),
    email: p.text(),
    passwordHash: p.text(),
    status: p.text(),
    failures: p.integer(),
    lockedUntil: p.datetime(6).nullable(),
    lastLogin: p.datetime(6).nullable(),
    tokenVersion: p.integer(),
    registeredAt: p.datetime(6),
    emailVerifiedAt: p.datetime(6).nullable(),
    ...rootColumns(),
  },
});
export const UserProfile = defineEntity({
  name: 'UserProfile',
  schema,
  tableName: 'user_profiles',
  properties: { userId: p.text().primary(), name: p.text().nullable(), phone: p.text().nullable() },
});
export const UserRole = defineEntity({
  name: 'UserRole',
  schema,
  tableName: 'user_roles',
  properties: {
    userId: p.text().primary(),
    role: p.text().primary(),
    assignedBy: p.text(),
    assignedAt: p.datetime(6),
  },
});
export const UserSession = defineEntity({
  name: 'UserSession',
  schema,
  tableName: 'user_sessions',
  properties: {
    userId: p.text().primary(),
    sessionId: p.text().primary(),
    generation: p.integer(),
    refreshedAt: p.datetime(6),
    expiresAt: p.datetime(6),
  },
});
export const UserTicket = defineEntity({
  name: 'UserTicket',
  schema,
  tableName: 'user_tickets',
  properties: {
    userId: p.text().primary(),
    purpose: p.text().primary(),
    ticketId: p.text(),
    issuedAt: p.datetime(6),
    expiresAt: p.datetime(6),
    mail: p.text().nullable(),
  },
});
export const userEntities = [UserAccount, UserProfile, UserRole, UserSession, UserTicket];

type UserChange = Change<UserState, UserEvent>;

export const usersTable: TableMapping<UserState, UserEvent> = { name: 'user', context: 'accounts', load, writes };

/** JSON of the database: null for what is absent, times in its own form. */
interface LoadedUser {
  readonly email: string;
  readonly passwordHash: string;
  readonly status: UserStatus;
  readonly failures: number;
  readonly lockedUntil: string | null;
  readonly lastLogin: string | null;
  readonly tokenVersion: number;
  readonly registeredAt: string;
  readonly emailVerifiedAt: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly roles: readonly Role[];
  readonly sessions: readonly (Session & { readonly sessionId: string })[];
  readonly tickets: readonly (Omit<Ticket, 'mail'> & {
    readonly purpose: Purpose;
    readonly mail: MailOutcome | null;
  })[];
}

async function load(database: Database, keys: readonly string[]): Promise<Map<string, Loaded<UserState>>> {
  const rows = await database.query<{ id: string; version: number; state: LoadedUser }>(
    `select u.id, u.version, json_build_object('email', u.email, 'passwordHash', u.password_hash, 'status', u.status, 'failures', u.failures,
       'lockedUntil', u.locked_until, 'lastLogin', u.last_login, 'tokenVersion', u.token_version, 'registeredAt', u.registered_at,
       'emailVerifiedAt', u.email_verified_at, 'name', p.name, 'phone', p.phone,
       'roles', array(select r.role from accounts.user_roles r where r.user_id = u.id order by r.role collate "C"),
       'sessions', (select coalesce(json_agg(json_build_object('sessionId', s.session_id, 'generation', s.generation, 'refreshedAt', s.refreshed_at,
          'expiresAt', s.expires_at) order by s.created_at, s.session_id), '[]') from accounts.user_sessions s where s.user_id = u.id),
       'tickets', (select coalesce(json_agg(json_build_object('purpose', t.purpose, 'ticketId', t.ticket_id, 'issuedAt', t.issued_at,
          'expiresAt', t.expires_at, 'mail', t.mail)), '[]') from accounts.user_tickets t where t.user_id = u.id)) as state
     from accounts.users u left join accounts.user_profiles p on p.user_id = u.id where u.id = any($1)`,
    [keys],
  );
  return new Map(rows.map(({ id, version, state }) => [id, { version, state: toState(state) }]));
}

const moment = (found: string | null): string | undefined => (found ? instant(found) : undefined);

const toState = ({ sessions, tickets, name, phone, ...user }: LoadedUser): User => ({
  ...user,
  name: name ?? undefined,
  phone: phone ?? undefined,
  lockedUntil: moment(user.lockedUntil),
  lastLogin: moment(user.lastLogin),
  emailVerifiedAt: moment(user.emailVerifiedAt),
  registeredAt: instant(user.registeredAt),
  tickets: new Map(tickets.map(({ purpose, ...ticket }) => [purpose, toTicket(ticket)])),
  sessions: new Map(sessions.map(({ sessionId, ...session }) => [sessionId, toSession(session)])),
});

const toSession = ({ generation, refreshedAt, expiresAt }: Session): Session => ({
  generation,
  refreshedAt: instant(refreshedAt),
  expiresAt: instant(expiresAt),
});

const toTicket = ({ ticketId, issuedAt, expiresAt, mail }: Omit<LoadedUser['tickets'][number], 'purpose'>): Ticket => ({
  ticketId,
  issuedAt: instant(issuedAt),
  expiresAt: instant(expiresAt),
  mail: mail ?? undefined,
});

function writes(changes: readonly UserChange[]): readonly Write[] {
  const registered = changes.filter(({ from }) => from === 0);
  const roles = changes.map(roleRows);
  const sessions = changes.map(sessionRows);
  const tickets = changes.map(ticketRows);
  return [
    insert(UserAccount, registered.map(accountRow)),
    move(UserAccount, changes.filter(({ from }) => from > 0).map(accountRow), [
      'passwordHash',
      'status',
      'failures',
      'lockedUntil',
      'lastLogin',
      'tokenVersion',
      'emailVerifiedAt',
    ]),
    insert(UserProfile, registered.map(profileRow)),
    upsert(
      UserRole,
      roles.flatMap(({ given }) => given),
    ),
    remove(
      UserRole,
      roles.flatMap(({ taken }) => taken),
    ),
    insert(
      UserSession,
      sessions.flatMap(({ opened }) => opened),
    ),
    update(
      UserSession,
      sessions.flatMap(({ moved }) => moved),
      ['generation', 'refreshedAt', 'expiresAt'],
    ),
    remove(
      UserSession,
      sessions.flatMap(({ ended }) => ended),
    ),
    upsert(
      UserTicket,
      tickets.flatMap(({ open }) => open),
    ),
    remove(
      UserTicket,
      tickets.flatMap(({ over }) => over),
    ),
  ];
}

const accountRow = (change: UserChange): RowData & { readonly from: number } => {
  const { email, passwordHash, status, failures, lockedUntil, lastLogin, tokenVersion, ...rest } = change.state as User;
  const { registeredAt, emailVerifiedAt } = rest;
  const times = { lockedUntil, lastLogin, registeredAt, emailVerifiedAt };
  return { id: change.key, email, passwordHash, status, failures, tokenVersion, ...times, ...rootValues(change) };
};

const profileRow = ({ key, state }: UserChange): RowData => {
  const { name, phone } = state as User;
  return { userId: key, name, phone };
};

/** An event tells the whole list; whoever set it last has assigned all of it. */
const roleRows = ({ key, state, events, by }: UserChange) => {
  const last = events.findLast(({ type }) => type === 'UserRegistered' || type === 'RolesChanged');
  if (!last) return { given: [], taken: [] };
  const { roles } = state as User;
  const given = roles.map((role) => ({ userId: key, role, assignedBy: by, assignedAt: last.at }));
  return { given, taken: ROLES.filter((role) => !roles.includes(role)).map((role) => ({ userId: key, role })) };
};

/** One row per session that the change touched, however often: the first event tells whether the tables have it. */
const sessionRows = ({ key: userId, state, events }: UserChange) => {
  const rows = { opened: [] as RowData[], moved: [] as RowData[], ended: [] as RowData[] };
  const firsts = new Map<string, boolean>();
  for (const event of events)
    if ('sessionId' in event && !firsts.has(event.sessionId))
      firsts.set(event.sessionId, event.type === 'SessionStarted');
  for (const [sessionId, isNew] of firsts) {
    const session = (state as User).sessions.get(sessionId);
    if (session) (isNew ? rows.opened : rows.moved).push({ userId, sessionId, ...session });
    else if (!isNew) rows.ended.push({ userId, sessionId });
  }
  return rows;
};

const PURPOSES: Partial<Record<UserEvent['type'], Purpose>> = {
  PasswordChanged: 'reset-password',
  EmailVerified: 'verify-email',
};

/** Of every purpose that the change touched, the ticket as it is at its end, or that there is none. */
const ticketRows = ({ key: userId, state, events }: UserChange) => {
  const touched = new Set(events.map((event) => ('purpose' in event ? event.purpose : PURPOSES[event.type])));
  const rows = { open: [] as RowData[], over: [] as RowData[] };
  for (const purpose of touched) {
    const ticket = purpose && (state as User).tickets.get(purpose);
    if (ticket) rows.open.push({ userId, purpose, ...ticket });
    else if (purpose) rows.over.push({ userId, purpose });
  }
  return rows;
};
