import { adminResources } from "../../admin/index.ts";
import type { AdminParts, AdminResource } from "../../admin/resource.ts";
import { ADMIN_BODY_LIMITS } from "../../admin/resource.ts";
import { readBody } from "../guards/body.ts";
import type { RouteEntry } from "../route-table.ts";

/** The administration API, from its own table. */
export function administrationRoutes(parts: AdminParts): RouteEntry[] {
  return adminResources.map((resource) => routeOf(resource, parts));
}

function routeOf(resource: AdminResource, parts: AdminParts): RouteEntry {
  return {
    method: resource.method,
    path: resource.path,
    dialect: "generate",
    access: "admin-key",
    handle: async (visit, administrator) => {
      const body = resource.method === "POST" ? await readBody(visit.request, ADMIN_BODY_LIMITS) : undefined;
      const { status, value } = await resource.handle({ ...visit, administrator, body }, parts);
      return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
    },
  };
}
