import { z } from "zod";
import { ADMIN_ROLES } from "../model/admin-role.ts";
import { adminResource } from "./resource.ts";

/** Who the admin key belongs to: the first thing that a console asks. */
export const session = adminResource({
  operation: "getSession",
  method: "GET",
  path: "/admin/v1/session",
  section: "Session",
  summary: "Tell which admin key this is",
  role: "viewer",
  answer: z
    .strictObject({ key_id: z.string(), name: z.string(), role: z.enum(ADMIN_ROLES) })
    .meta({ id: "Session" }),
  handle: async ({ asker: { actor, role } }) => ({ key_id: actor.id, name: actor.name, role }),
});
