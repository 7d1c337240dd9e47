import type { AdminParts } from "../../src/admin/resource.ts";
import { resources } from "../../src/assembly/administration.ts";
import { dialects } from "../../src/dialects/index.ts";
import type { Parts } from "../../src/gateway/parts.ts";
import type { RouteEntry } from "../../src/server/route-table.ts";
import { routeTable } from "../../src/server/routes/index.ts";

/**
 * The one route table, from parts that are only as real as listing it needs. A route that is added later is in it
 * without a word here, so every test that walks it covers that route too.
 */
export const routeEntries: readonly RouteEntry[] = routeTable(
  { dialects, telemetry: {} } as unknown as Parts,
  { resources, parts: {} as unknown as AdminParts, version: "0" },
  { notReadyBecause: () => undefined, remarks: () => ({}) },
);

/** The methods that the table has for a path. */
export function methodsOf(path: string): string[] {
  return routeEntries.filter((entry) => entry.path === path).map((entry) => entry.method);
}

/** The printed list: what a virtual key may post to and reaches no provider. */
const WITHOUT_PROVIDER = ["/v1/tokens"];

/** The paths that reach a provider: whatever else a virtual key may post to. */
export const inferencePaths: readonly string[] = routeEntries
  .filter(({ method, access }) => method === "POST" && access === "virtual-key")
  .filter(({ path }) => !WITHOUT_PROVIDER.includes(path))
  .map(({ path }) => path);
