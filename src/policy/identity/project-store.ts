import type { Kysely } from "kysely";
import { nonEmptyText } from "../../model/caller.ts";
import type { Change } from "../../storage/change.ts";
import type { ProjectRow, Tables } from "../../storage/schema.ts";

/** What a project is made of, beside its name. */
export type ProjectTerms = Pick<
  ProjectRow,
  "title" | "policy" | "markup" | "retention_days" | "blocked_at_ms"
>;

/** A project that has not been told anything yet: it may do everything. */
export const PLAIN_PROJECT: ProjectTerms = Object.freeze({
  title: null,
  policy: "{}",
  markup: "1",
  retention_days: null,
  blocked_at_ms: null,
});

/** The project of that name, unless it was deleted. */
export async function findProject(store: Kysely<Tables>, name: string): Promise<ProjectRow | undefined> {
  const row = await anyProject(store, name);
  return row?.deleted_at_ms === null ? row : undefined;
}

/** The project that ever had that name. */
export function anyProject(store: Kysely<Tables>, name: string): Promise<ProjectRow | undefined> {
  return store.selectFrom("projects").selectAll().where("name", "=", name).executeTakeFirst();
}

/** Makes a project. A deleted one of that name comes back with these terms; its ledger is still its own. */
export function insertProject(change: Change, name: string, terms: ProjectTerms): Promise<ProjectRow> {
  const row: ProjectRow = {
    ...terms,
    name: nonEmptyText(name),
    created_at_ms: change.atMs,
    updated_at_ms: change.atMs,
    deleted_at_ms: null,
    revision: change.revision,
  };
  return change.transaction
    .insertInto("projects")
    .values(row)
    .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Changes a project that there is. */
export function updateProject(
  change: Change,
  name: string,
  terms: Partial<ProjectTerms & Pick<ProjectRow, "deleted_at_ms">>,
): Promise<ProjectRow> {
  return change.transaction
    .updateTable("projects")
    .set({ ...terms, updated_at_ms: change.atMs, revision: change.revision })
    .where("name", "=", name)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Keys of a project that have not been revoked, however they stand. */
export function unrevokedKeys(store: Kysely<Tables>, project: string): Promise<{ id: string }[]> {
  return store
    .selectFrom("virtual_keys")
    .select("id")
    .where("project", "=", project)
    .where("revoked_at_ms", "is", null)
    .execute();
}
