import type { Parts } from "../../gateway/parts.ts";
import type { RouteEntry } from "../route-table.ts";
import { type Administration, administrationRoutes } from "./administration.ts";
import { googleModelRoutes } from "./google-models.ts";
import { inferenceRoutes } from "./inference.ts";
import { modelRoutes } from "./models.ts";
import { operationRoutes, type Readiness } from "./operations.ts";
import { storedResponseRoutes } from "./stored-responses.ts";
import { tokenRoutes } from "./tokens.ts";

/** The one route table: every path that is served. */
export function routeTable(
  parts: Parts,
  administration: Administration,
  readiness: Readiness,
): readonly RouteEntry[] {
  return [
    ...inferenceRoutes(parts),
    ...storedResponseRoutes(parts),
    ...modelRoutes(parts),
    ...googleModelRoutes(parts),
    ...tokenRoutes(parts),
    ...operationRoutes(readiness, parts.telemetry.metrics),
    ...administrationRoutes(administration),
  ];
}
