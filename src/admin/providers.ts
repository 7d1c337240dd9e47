import type { AdminResource } from "./resource.ts";

/** The providers in force: where they are and how many models they are known to serve. Never their keys. */
export const listProviders: AdminResource = {
  method: "GET",
  path: "/admin/v1/providers",
  summary: "List providers.",
  handle: async (_visit, { snapshot }) => {
    const { upstreams, catalog } = snapshot();
    const data = [...upstreams.values()].map(({ provider, endpoints, origin, timeouts }) => ({
      provider,
      dialects: [...new Set(endpoints.map(({ dialect }) => dialect))],
      origin,
      models: catalog.filter((model) => model.provider === provider).length,
      timeouts_ms: {
        connect: timeouts.connectMs,
        first_byte: timeouts.firstByteMs,
        between_bytes: timeouts.betweenBytesMs,
        total: timeouts.totalMs,
      },
    }));
    return { status: 200, value: { data } };
  },
};
