import type { AdminResource } from "./resource.ts";

/** Who the admin key belongs to: the first thing that a console asks. */
export const session: AdminResource = {
  method: "GET",
  path: "/admin/v1/session",
  summary: "Tell which admin key this is.",
  handle: async ({ administrator }) => ({
    status: 200,
    value: { key_id: administrator.keyId, name: administrator.keyName },
  }),
};
