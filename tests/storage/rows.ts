import type { ProjectRow, VirtualKeyRow } from "../../src/storage/schema.ts";

/** A project's row, plain but for what is said of it. */
export function projectRow(name: string, changes: Partial<ProjectRow> = {}): ProjectRow {
  return {
    name,
    title: null,
    policy: "{}",
    markup: "1",
    retention_days: null,
    created_at_ms: 0,
    updated_at_ms: 0,
    blocked_at_ms: null,
    deleted_at_ms: null,
    revision: 0,
    ...changes,
  };
}

/** A virtual key's row, plain but for what is said of it. */
export function virtualKeyRow(changes: Partial<VirtualKeyRow> & { readonly id: string }): VirtualKeyRow {
  return {
    project: "shop",
    name: "website",
    description: null,
    digest: `digest of ${changes.id}`,
    prefix: "gh_",
    previous_digest: null,
    previous_prefix: null,
    previous_until_ms: null,
    policy: "{}",
    tags: "{}",
    created_at_ms: 0,
    created_by: null,
    updated_at_ms: 0,
    expires_at_ms: null,
    rotated_at_ms: null,
    blocked_at_ms: null,
    revoked_at_ms: null,
    revision: 1,
    ...changes,
  };
}
