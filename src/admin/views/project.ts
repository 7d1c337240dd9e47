import { z } from "zod";
import type { ScopedPolicy } from "../../model/policy.ts";
import { storedPolicy } from "../../policy/document/read-policy.ts";
import type { ProjectRow } from "../../storage/schema.ts";
import { momentOrNull, momentShown, shownMoment, shownMomentOrNull } from "./moment.ts";
import { policyView, shownPolicy } from "./policy.ts";

/** A project in an answer. */
export const projectView = z
  .strictObject({
    name: z.string(),
    title: z.string().nullable(),
    blocked: z.boolean(),
    blocked_at: momentOrNull,
    markup: z.string().describe("What its use is multiplied by to bill it onwards: an exact decimal"),
    retention_days: z.int().nullable().describe("How long its rows are kept; null for ever"),
    policy: policyView,
    created_at: momentShown,
    updated_at: momentShown,
    revision: z.int().describe("Grows with every change; for If-Match"),
  })
  .meta({ id: "Project" });

export type ProjectView = z.output<typeof projectView>;

/** A project as the API shows it. */
export function shownProject(row: ProjectRow): ProjectView {
  return {
    name: row.name,
    title: row.title,
    blocked: row.blocked_at_ms !== null,
    blocked_at: shownMomentOrNull(row.blocked_at_ms),
    markup: row.markup,
    retention_days: row.retention_days,
    policy: shownPolicy(row.policy),
    created_at: shownMoment(row.created_at_ms),
    updated_at: shownMoment(row.updated_at_ms),
    revision: row.revision,
  };
}

/** A project's policy, as what is counted against it knows it. */
export function policyOfProject(row: ProjectRow): ScopedPolicy {
  return { scope: "project", id: row.name, policy: storedPolicy(row.policy) };
}
