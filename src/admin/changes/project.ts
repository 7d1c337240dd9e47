import type { Kysely } from "kysely";
import { GatewayError } from "../../model/gateway-error.ts";
import {
  anyProject,
  insertProject,
  type ProjectTerms,
  unrevokedKeys,
} from "../../policy/identity/project-store.ts";
import type { Change } from "../../storage/change.ts";
import type { ProjectRow, Tables } from "../../storage/schema.ts";
import { recordChange } from "../record-change.ts";
import type { Asker } from "../resource.ts";
import { shownProject } from "../views/project.ts";

/** The project of that name, deleted or not. Throws `not_found`. */
export async function everProject(store: Kysely<Tables>, name: string): Promise<ProjectRow> {
  const row = await anyProject(store, name);
  if (row !== undefined) return row;
  throw new GatewayError("not_found", {
    message: `There is no project "${name}".`,
    mend: "GET /admin/v1/projects (`gatehouse projects list`) lists them.",
  });
}

/** The project of that name. Throws `not_found`. */
export async function presentProject(store: Kysely<Tables>, name: string): Promise<ProjectRow> {
  const row = await everProject(store, name);
  if (row.deleted_at_ms === null) return row;
  throw new GatewayError("not_found", {
    message: `The project "${name}" was deleted.`,
    mend: "Creating it again brings it back.",
  });
}

/** Makes a project and writes it into the audit log. */
export async function makeProject(
  change: Change,
  asker: Asker,
  name: string,
  terms: ProjectTerms,
): Promise<ProjectRow> {
  const row = await insertProject(change, name, terms);
  await recordChange(change, asker, {
    action: "create",
    resource: "project",
    id: name,
    after: shownProject(row),
  });
  return row;
}

/** Throws `conflict` where a project still has keys that could open something. */
export async function refuseLiveKeys(change: Change, name: string): Promise<void> {
  const keys = await unrevokedKeys(change.transaction, name);
  if (keys.length === 0) return;
  throw new GatewayError("conflict", {
    message: `The project "${name}" has ${keys.length === 1 ? "a key that is" : `${keys.length} keys that are`} not revoked.`,
    mend: `Revoke them first: GET /admin/v1/keys?project=${encodeURIComponent(name)} (\`gatehouse keys list --project\`) lists them.`,
  });
}
