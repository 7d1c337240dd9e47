import type { CallLog } from "./call-log.ts";
import type { Scenario } from "./scenario.ts";
import type { ScenarioTable } from "./scenario-table.ts";
import type { ConnectionCount } from "./server.ts";

/** What the control port needs of the server it steers. */
export interface Controlled {
  readonly table: ScenarioTable;
  readonly log: CallLog;
  readonly connections: ConnectionCount;
}

/** The tests' side, on a port of its own, so that no call to the provider can ever reach it. */
export function startControl({ table, log, connections }: Controlled, port: number): number {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    maxRequestBodySize: 1024 ** 3,
    routes: {
      "/_control/scenarios": {
        POST: async (request) => {
          // Typed on the other side, in client.ts; a mistake there is answered by the planner's own sentence.
          const scenarios = (await request.json()) as Record<string, Scenario | Scenario[]>;
          try {
            for (const [name, scenario] of Object.entries(scenarios)) table.register(name, scenario);
            return Response.json({});
          } catch (error) {
            return new Response(error instanceof Error ? error.message : String(error), { status: 400 });
          }
        },
        DELETE: () => {
          table.clear();
          return Response.json({});
        },
      },
      "/_control/calls": {
        GET: () => Response.json(log.records),
        DELETE: () => {
          log.clear();
          return Response.json({});
        },
      },
      "/_control/calls/count": { GET: () => Response.json({ count: log.records.length }) },
      "/_control/connections": { GET: () => Response.json(connections) },
    },
    fetch: () => new Response("no such control", { status: 404 }),
  });
  return server.port ?? 0;
}
