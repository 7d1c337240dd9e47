import { z } from "zod";
import { adminResource } from "./resource.ts";

const providerView = z
  .strictObject({
    provider: z.string(),
    dialects: z.array(z.string()),
    origin: z.string(),
    models: z.int().describe("How many it is known to serve"),
    timeouts_ms: z.strictObject({
      connect: z.int(),
      first_byte: z.int(),
      between_bytes: z.int(),
      total: z.int(),
    }),
  })
  .meta({ id: "Provider" });

/** The providers in force: where they are and how many models they are known to serve. Never their keys. */
export const listProviders = adminResource({
  operation: "listProviders",
  method: "GET",
  path: "/admin/v1/providers",
  section: "Providers and models",
  summary: "List providers",
  role: "viewer",
  answer: z.strictObject({ data: z.array(providerView) }),
  handle: async (_call, { snapshot }) => {
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
    return { data };
  },
});
