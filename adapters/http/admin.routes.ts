/** What admins look at. */
import { z } from 'zod';
import type { AuditReader, AuditRow } from '../../actors/ports/audit.ts';
import { Role } from '../../contracts/accounts.ts';
import { Instant as GivenInstant, Id } from '../../contracts/common.ts';
import { listed, pageFields, sliceOf } from './preferences.ts';
import { type Route, route } from './routes.ts';
import { Instant } from './shapes.ts';

export interface AdminPorts {
  readonly audit: AuditReader;
}

const AuditShape = z.object({
  audit_id: Id,
  at: Instant,
  user_id: Id,
  roles: z.array(Role).describe('in which the caller acted'),
  method: z.string(),
  route: z.string(),
  ids: z.record(z.string(), z.unknown()).describe('of the path, and of what was made'),
  request_id: z.string(),
  command_id: z.string().describe('the cause that the events name'),
  address: z.string(),
  outcome: z.enum(['done', 'refused', 'failed', 'unknown']).describe('unknown: still running, or the process died'),
  status: z.int().nullable(),
  code: z.string().nullable(),
  position: z.string().nullable().describe('of the write in the logs, such as orders=12'),
  repeated: z.boolean(),
});

const outcomeOf = (status: number | undefined): z.input<typeof AuditShape>['outcome'] => {
  if (status === undefined) return 'unknown';
  if (status < 400) return 'done';
  return status < 500 ? 'refused' : 'failed';
};

const show = ({
  auditId,
  userId,
  requestId,
  commandId,
  ids,
  made,
  status,
  ...row
}: AuditRow): z.input<typeof AuditShape> => ({
  audit_id: auditId,
  at: row.at,
  user_id: userId,
  roles: [...row.roles],
  method: row.method,
  route: row.route,
  ids: { ...ids, ...made },
  request_id: requestId,
  command_id: commandId,
  address: row.address,
  outcome: outcomeOf(status),
  status: status ?? null,
  code: row.code ?? null,
  position: row.position ?? null,
  repeated: row.repeated ?? false,
});

export const adminRoutes = ({ audit }: AdminPorts): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/admin/audit',
    summary: 'Who changed what in the back office',
    tags: ['admin'],
    roles: ['admin'],
    limit: 'ops',
    query: z.object({
      ...pageFields,
      user_id: Id.optional(),
      route: z.string().max(200).optional().describe('as this document writes it: /api/v1/products/{id}'),
      id: z.string().min(1).max(200).optional().describe('any id in the path or of what was made'),
      from: GivenInstant.optional(),
      to: GivenInstant.optional().describe('before'),
    }),
    responses: { 200: { description: 'Entries, newest first', data: z.array(AuditShape), paged: true } },
    handle: async ({ query }) => {
      const slice = sliceOf(query);
      const { user_id: userId, route: path, id, from, to } = query;
      return listed(await audit.list({ userId, route: path, id, from, to }, slice), slice, show);
    },
  }),
];
