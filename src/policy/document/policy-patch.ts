import { z } from "zod";
import { type PolicyDocument, policyMembers } from "./policy-schema.ts";

/** A change of a policy (JSON Merge Patch, RFC 7396): members written replace, null removes, the rest stays. */
export const policyPatch = z
  .strictObject({
    models: policyMembers.models.nullable().optional(),
    providers: policyMembers.providers.nullable().optional(),
    regions: policyMembers.regions.nullable().optional(),
    operations: policyMembers.operations.nullable().optional(),
    max_output_tokens: policyMembers.max_output_tokens.nullable().optional(),
    max_concurrent: policyMembers.max_concurrent.nullable().optional(),
    rate_limits: policyMembers.rate_limits.nullable().optional(),
    budgets: policyMembers.budgets.nullable().optional(),
    origins: policyMembers.origins.nullable().optional(),
    recording: policyMembers.recording.nullable().optional(),
  } satisfies { readonly [Member in keyof PolicyDocument]-?: z.ZodType })
  .meta({
    id: "PolicyPatch",
    description: "Members written replace those there are, null removes one, the rest stays",
  });

export type PolicyPatch = z.output<typeof policyPatch>;

/** A policy with a change made to it. */
export function patchPolicy(document: PolicyDocument, patch: PolicyPatch): PolicyDocument {
  const merged = Object.entries({ ...document, ...patch });
  return Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined));
}
