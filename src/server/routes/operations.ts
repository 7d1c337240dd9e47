import type { Reply } from "../../gateway/incoming-call.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { RouteEntry } from "../route-table.ts";

/** What an orchestrator asks. */
export interface Readiness {
  /** Why no new calls should be sent here; undefined while they should. */
  notReadyBecause(): string | undefined;
  /** Members of the answer beside that, for whoever looks after it. */
  remarks(): object;
}

/** Health and metrics. */
export function operationRoutes(readiness: Readiness, metrics: Metrics): RouteEntry[] {
  return [
    {
      method: "GET",
      path: "/health/live",
      dialect: "generate",
      access: "public",
      handle: async () => json(200, { status: "live" }),
    },
    {
      method: "GET",
      path: "/health/ready",
      dialect: "generate",
      access: "public",
      handle: async () => {
        const reason = readiness.notReadyBecause();
        return reason === undefined
          ? json(200, { status: "ready", ...readiness.remarks() })
          : json(503, { status: "not ready", reason, ...readiness.remarks() });
      },
    },
    {
      method: "GET",
      path: "/metrics",
      dialect: "generate",
      access: "admin-key",
      role: "viewer",
      handle: async () => {
        const { contentType, text } = await metrics.page();
        return { status: 200, headers: { "content-type": contentType }, body: text };
      },
    },
  ];
}

function json(status: number, value: object): Reply {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
