import type { Change } from "../../storage/change.ts";
import type { ConfigurationRevisionRow } from "../../storage/schema.ts";
import { type AuditedChange, recordChange } from "../record-change.ts";
import type { Asker } from "../resource.ts";
import { shownRevision } from "../views/revision.ts";

/** Writes a new revision into the audit log, in the change that made it. */
export function recordRevision(
  made: Change,
  asker: Asker,
  action: Extract<AuditedChange["action"], "create" | "rollback">,
  row: ConfigurationRevisionRow,
): Promise<void> {
  const { state: _, problems: __, settled_at: ___, ...after } = shownRevision(row);
  return recordChange(made, asker, { action, resource: "configuration", id: String(row.number), after });
}
