import type { Kysely } from "kysely";
import { GatewayError } from "../../model/gateway-error.ts";
import { findVirtualKey, updateVirtualKey, type VirtualKeyTerms } from "../../policy/identity/key-store.ts";
import { anyProject, PLAIN_PROJECT } from "../../policy/identity/project-store.ts";
import { type Change, change } from "../../storage/change.ts";
import type { ProjectRow, Tables, VirtualKeyRow } from "../../storage/schema.ts";
import { type AuditedChange, recordChange } from "../record-change.ts";
import type { AdminCall, AdminParts, Asker } from "../resource.ts";
import { refuseStale } from "../revision.ts";
import { type KeyWithEffect, shownKey, shownKeyWithEffect } from "../views/key.ts";
import { everProject, makeProject, presentProject } from "./project.ts";
import { isAlready } from "./terms.ts";

/** The virtual key of that id. Throws `not_found`. */
export async function presentKey(store: Kysely<Tables>, id: string): Promise<VirtualKeyRow> {
  const row = await findVirtualKey(store, id);
  if (row !== undefined) return row;
  throw new GatewayError("not_found", {
    message: `There is no virtual key "${id}".`,
    mend: "GET /admin/v1/keys (`gatehouse keys list`) lists them.",
  });
}

/** The virtual key of that id, unless it was revoked. Throws `not_found` or `conflict`. */
export async function changeableKey(store: Kysely<Tables>, id: string): Promise<VirtualKeyRow> {
  const row = await presentKey(store, id);
  if (row.revoked_at_ms === null) return row;
  throw new GatewayError("conflict", {
    message: `The key "${row.name}" was revoked, which is for ever.`,
    mend: "Make a new one: POST /admin/v1/keys (`gatehouse keys create`).",
  });
}

/** The project that a new key is to be of; one that there is not yet is made. */
export async function projectForKey(
  change: Change,
  asker: Asker,
  name: string,
): Promise<{ readonly project: ProjectRow; readonly isNew: boolean }> {
  const known = await anyProject(change.transaction, name);
  if (known !== undefined) return { project: await presentProject(change.transaction, name), isNew: false };
  return { project: await makeProject(change, asker, name, PLAIN_PROJECT), isNew: true };
}

/** A change of a key: what it becomes, and what that is called. */
export interface KeyChange {
  readonly terms: Partial<VirtualKeyTerms & Pick<VirtualKeyRow, "blocked_at_ms">>;
  readonly action: AuditedChange["action"];
}

/**
 * Changes a key that was not revoked, writes it into the audit log, and gives it as the API shows it. Throws
 * `not_found`, `conflict` or `stale_revision`.
 */
export async function changeKey(
  call: AdminCall<{ readonly id: string }>,
  { store, changed }: AdminParts,
  revision: number | undefined,
  changeOf: (before: VirtualKeyRow, atMs: number) => KeyChange,
): Promise<KeyWithEffect> {
  const shown = await change(store, async (made) => {
    const before = await changeableKey(made.transaction, call.parameters.id);
    refuseStale(before.revision, call, revision);
    const { terms, action } = changeOf(before, made.atMs);
    const after = isAlready(before, terms) ? before : await updateVirtualKey(made, before.id, terms);
    if (after !== before) await recordKey(made, call.asker, action, before, after);
    return shownWithEffect(made, after);
  });
  await changed();
  return shown;
}

/** Writes what became of a key into the audit log. */
export function recordKey(
  made: Change,
  asker: Asker,
  action: AuditedChange["action"],
  before: VirtualKeyRow | undefined,
  after: VirtualKeyRow,
): Promise<void> {
  return recordChange(made, asker, {
    action,
    resource: "key",
    id: after.id,
    ...(before === undefined ? {} : { before: shownKey(before, made.atMs) }),
    after: shownKey(after, made.atMs),
  });
}

/** A key with what its policy comes to, as the API shows it. */
export async function shownWithEffect(made: Change, row: VirtualKeyRow): Promise<KeyWithEffect> {
  return shownKeyWithEffect(row, await everProject(made.transaction, row.project), made.atMs);
}
