import { z } from "zod";
import { GatewayError } from "../model/gateway-error.ts";
import type { Snapshot, Upstream } from "../model/snapshot.ts";
import { adminResource } from "./resource.ts";

const providerView = z
  .strictObject({
    provider: z.string(),
    dialects: z.array(z.string()),
    origin: z.string(),
    reach: z.string().describe("Where its name may lead: public, own-network or anywhere"),
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
    const { upstreams } = snapshot();
    return { data: [...upstreams.values()].map((upstream) => shown(upstream, snapshot())) };
  },
});

/** One provider in force. */
export const getProvider = adminResource({
  operation: "getProvider",
  method: "GET",
  path: "/admin/v1/providers/:id",
  section: "Providers and models",
  summary: "Show a provider",
  role: "viewer",
  parameters: z.strictObject({ id: z.string().describe("The provider's id") }),
  answer: providerView,
  errors: ["not_found"],
  handle: async ({ parameters: { id } }, { snapshot }) => {
    const upstream = snapshot().upstreams.get(id);
    if (upstream === undefined)
      throw new GatewayError("not_found", { message: `No provider "${id}" is in force.` });
    return shown(upstream, snapshot());
  },
});

function shown(
  { provider, endpoints, origin, reach = "public", timeouts }: Upstream,
  { catalog }: Snapshot,
): z.output<typeof providerView> {
  return {
    provider,
    dialects: [...new Set(endpoints.map(({ dialect }) => dialect))],
    origin,
    reach,
    models: catalog.filter((model) => model.provider === provider).length,
    timeouts_ms: {
      connect: timeouts.connectMs,
      first_byte: timeouts.firstByteMs,
      between_bytes: timeouts.betweenBytesMs,
      total: timeouts.totalMs,
    },
  };
}
