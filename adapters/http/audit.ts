/** Puts on record what the back office does: before it is done, and what came of it. */
import { randomUUID } from 'node:crypto';
import type { AuditEntry, AuditOutcome, AuditTrail } from '../../actors/ports/audit.ts';
import type { Role } from '../../contracts/accounts.ts';
import { isRefused } from './problems.ts';
import { type Reply, type Request, type Route, unsafe } from './routes.ts';

/** What is known of the request beside. */
interface Came {
  readonly requestId: string;
  readonly address: string;
}

/** The roles in which the caller acts, beside that of a customer. */
const actingAs = (route: Route, { principal }: Request): readonly Role[] =>
  principal?.roles.filter((role) => role !== 'customer' && (route.roles as readonly string[]).includes(role)) ?? [];

const entryOf = (route: Route, request: Request, roles: readonly Role[], { requestId, address }: Came): AuditEntry => ({
  auditId: randomUUID(),
  userId: request.principal!.userId,
  roles,
  method: route.method.toUpperCase(),
  route: route.path,
  ids: { ...(request.params as object) },
  requestId,
  commandId: request.commandId,
  address,
});

/** `{product_id: 'p1', title: '...'}` -> `{product_id: 'p1'}`: names and secrets stay out. */
const idsIn = (data: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(typeof data === 'object' && data !== null ? data : {}).filter(
      ([name, value]) => name.endsWith('_id') && typeof value === 'string',
    ),
  );

const outcomeOf = (auditId: string, reply: Reply): AuditOutcome => {
  const repeated = reply.headers?.['idempotent-replayed'] === 'true';
  const head = { auditId, position: reply.headers?.position, repeated };
  if (isRefused(reply)) return { ...head, status: reply.problem.status, code: reply.problem.code, made: {} };
  return { ...head, status: 'status' in reply ? reply.status : 200, made: idsIn('data' in reply ? reply.data : null) };
};

/** Runs the handler of a route; in the back office nothing is changed that is not on record before. */
export const audited = async (
  route: Route,
  request: Request,
  came: Came,
  trail: AuditTrail | undefined,
  handle: () => Promise<Reply>,
): Promise<Reply> => {
  const roles = trail && unsafe(route.method) ? actingAs(route, request) : [];
  if (!trail || roles.length === 0) return handle();
  const entry = entryOf(route, request, roles, came);
  await trail.began(entry);
  try {
    const reply = await handle();
    await trail.ended(outcomeOf(entry.auditId, reply));
    return reply;
  } catch (error) {
    await trail.ended({ auditId: entry.auditId, status: 500, code: 'fault', made: {}, repeated: false });
    throw error;
  }
};
