import { z } from "zod";
import { ADMIN_ROLES } from "../../model/admin-role.ts";
import type { AdminKeyRow } from "../../storage/schema.ts";
import { momentOrNull, momentShown, shownMoment, shownMomentOrNull } from "./moment.ts";

/** An admin key in an answer, without its secret. */
export const adminKeyView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role: z.enum(ADMIN_ROLES),
    prefix: z.string().describe("The first characters of its secret, to recognise it by"),
    state: z.enum(["live", "expired", "revoked"]),
    created_at: momentShown,
    created_by: z.string().nullable(),
    expires_at: momentOrNull,
    revoked_at: momentOrNull,
  })
  .meta({ id: "AdminKey" });

/** An admin key as the API shows it. */
export function shownAdminKey(row: AdminKeyRow, nowMs: number): z.output<typeof adminKeyView> {
  const isExpired = row.expires_at_ms !== null && row.expires_at_ms <= nowMs;
  return {
    id: row.id,
    name: row.name,
    role: ADMIN_ROLES.find((role) => role === row.role) ?? "viewer",
    prefix: row.prefix,
    state: row.revoked_at_ms !== null ? "revoked" : isExpired ? "expired" : "live",
    created_at: shownMoment(row.created_at_ms),
    created_by: row.created_by,
    expires_at: shownMomentOrNull(row.expires_at_ms),
    revoked_at: shownMomentOrNull(row.revoked_at_ms),
  };
}
