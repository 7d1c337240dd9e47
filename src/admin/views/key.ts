import { z } from "zod";
import type { ScopedPolicy } from "../../model/policy.ts";
import { effectivePolicy, effectivePolicySchema } from "../../policy/document/effective-policy.ts";
import { storedPolicy } from "../../policy/document/read-policy.ts";
import { storedTags } from "../../policy/identity/tags.ts";
import type { ProjectRow, VirtualKeyRow } from "../../storage/schema.ts";
import { momentOrNull, momentShown, shownMoment, shownMomentOrNull } from "./moment.ts";
import { policyView, shownPolicy } from "./policy.ts";
import { policyOfProject } from "./project.ts";

/** How a key stands. Of several, the first of these: revoked, blocked, expired. */
export const KEY_STATES = ["live", "blocked", "expired", "revoked"] as const;

/** A virtual key in an answer, without its secret. */
export const keyView = z
  .strictObject({
    id: z.string(),
    project: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    prefix: z.string().describe("The first characters of its secret, to recognise it by"),
    state: z.enum(KEY_STATES),
    policy: policyView,
    tags: z.record(z.string(), z.string()),
    created_at: momentShown,
    created_by: z.string().nullable().describe("Who made it: kind of actor, colon, id"),
    updated_at: momentShown,
    expires_at: momentOrNull,
    rotated_at: momentOrNull,
    previous: z
      .strictObject({ prefix: z.string(), valid_until: momentShown })
      .nullable()
      .describe("The secret before the last rotation"),
    blocked_at: momentOrNull,
    revoked_at: momentOrNull,
    revision: z.int().describe("Grows with every change; for If-Match"),
  })
  .meta({ id: "Key" });

export type KeyView = z.output<typeof keyView>;

/** A virtual key with what its policy comes to under its project's. */
export const keyWithEffectView = keyView
  .extend({ effective: effectivePolicySchema })
  .meta({ id: "KeyWithEffect" });

export type KeyWithEffect = z.output<typeof keyWithEffectView>;

/** A virtual key as the API shows it. */
export function shownKey(row: VirtualKeyRow, nowMs: number): KeyView {
  return {
    id: row.id,
    project: row.project,
    name: row.name,
    description: row.description,
    prefix: row.prefix,
    state: stateOf(row, nowMs),
    policy: shownPolicy(row.policy),
    tags: { ...storedTags(row.tags) },
    created_at: shownMoment(row.created_at_ms),
    created_by: row.created_by,
    updated_at: shownMoment(row.updated_at_ms),
    expires_at: shownMomentOrNull(row.expires_at_ms),
    rotated_at: shownMomentOrNull(row.rotated_at_ms),
    previous:
      row.previous_prefix === null || row.previous_until_ms === null
        ? null
        : { prefix: row.previous_prefix, valid_until: shownMoment(row.previous_until_ms) },
    blocked_at: shownMomentOrNull(row.blocked_at_ms),
    revoked_at: shownMomentOrNull(row.revoked_at_ms),
    revision: row.revision,
  };
}

/** A virtual key and what holds for it, as the API shows them. */
export function shownKeyWithEffect(row: VirtualKeyRow, project: ProjectRow, nowMs: number): KeyWithEffect {
  return { ...shownKey(row, nowMs), effective: effectivePolicy(policiesOver(row, project)) };
}

/** A key's own policy, as what is counted against it knows it. */
export function policyOfKey(row: VirtualKeyRow): ScopedPolicy {
  return { scope: "key", id: row.id, policy: storedPolicy(row.policy) };
}

/** The policies over a key, the widest first. */
export function policiesOver(row: VirtualKeyRow, project: ProjectRow): readonly ScopedPolicy[] {
  return [policyOfProject(project), policyOfKey(row)];
}

function stateOf(row: VirtualKeyRow, nowMs: number): KeyView["state"] {
  if (row.revoked_at_ms !== null) return "revoked";
  if (row.blocked_at_ms !== null) return "blocked";
  return row.expires_at_ms !== null && row.expires_at_ms <= nowMs ? "expired" : "live";
}
