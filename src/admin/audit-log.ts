import { z } from "zod";
import type { AuditRow } from "../storage/schema.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { AUDITED_ACTIONS, AUDITED_RESOURCES } from "./record-change.ts";
import { adminResource } from "./resource.ts";
import { momentAsked, momentShown, shownMoment } from "./views/moment.ts";

const auditView = z
  .strictObject({
    id: z.string(),
    at: momentShown,
    actor: z.strictObject({
      kind: z.string().describe("admin-key, command-line, or gateway for what it did by itself"),
      id: z.string().describe("The admin key's id, or the operating system's user"),
      name: z.string(),
    }),
    request_id: z.string().nullable(),
    action: z.string(),
    resource: z.string(),
    resource_id: z.string(),
    before: z.looseObject({}).nullable().describe("As the API showed it; null where there was none"),
    after: z.looseObject({}).nullable(),
  })
  .meta({ id: "AuditEntry" });

/** Every change of what is administered, newest first. */
export const listAuditLog = adminResource({
  operation: "listAuditLog",
  method: "GET",
  path: "/admin/v1/audit-log",
  section: "Audit log",
  summary: "List what was changed, by whom, when",
  role: "viewer",
  query: z.strictObject({
    ...pageQuery,
    since: momentAsked.optional().describe("From then on"),
    until: momentAsked.optional().describe("Before then"),
    action: z.enum(AUDITED_ACTIONS).optional(),
    resource: z.enum(AUDITED_RESOURCES).optional(),
    resource_id: z.string().optional(),
    actor_id: z.string().optional().describe("The admin key's id, or the user's name"),
  }),
  answer: pageOf(auditView),
  handle: async ({ query }, { store }) => {
    const before = placeOf("audit-log", query.cursor);
    let rows = store.selectFrom("audit_log").selectAll();
    if (before !== undefined) rows = rows.where("id", "<", before);
    if (query.since !== undefined) rows = rows.where("at_ms", ">=", Date.parse(query.since));
    if (query.until !== undefined) rows = rows.where("at_ms", "<", Date.parse(query.until));
    for (const column of ["action", "resource", "resource_id", "actor_id"] as const) {
      const wanted = query[column];
      if (wanted !== undefined) rows = rows.where(column, "=", wanted);
    }
    const found = await rows
      .orderBy("id", "desc")
      .limit(query.limit + 1)
      .execute();
    return page("audit-log", found, { limit: query.limit, place: ({ id }) => id, show: shown });
  },
});

function shown(row: AuditRow): z.output<typeof auditView> {
  return {
    id: row.id,
    at: shownMoment(row.at_ms),
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    request_id: row.request_id,
    action: row.action,
    resource: row.resource,
    resource_id: row.resource_id,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
  };
}
