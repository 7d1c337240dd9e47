import { GatewayError } from "../../model/gateway-error.ts";
import { type PolicyPatch, patchPolicy } from "../../policy/document/policy-patch.ts";
import type { PolicyDocument } from "../../policy/document/policy-schema.ts";
import { storedDocument } from "../../policy/document/read-policy.ts";
import { normalPolicy } from "../views/policy.ts";

/** A policy as its row holds it. */
export function storedForm(document: PolicyDocument): string {
  return JSON.stringify(normalPolicy(document));
}

/**
 * A stored policy with a change made to it, as its row holds it. Where the stored one can't be read it allows nothing,
 * and a change must not open what it closed without naming it. Throws `conflict`.
 */
export function patchedForm(stored: string, patch: PolicyPatch): string {
  const document = storedDocument(stored);
  if (document === undefined && patch.models === undefined) {
    throw new GatewayError("conflict", {
      message: "The stored policy can't be read by this version; it allows no model.",
      mend: "Write the whole policy anew, its `models` too (null for all): then it takes the place of the stored one.",
      field: "policy.models",
    });
  }
  return storedForm(patchPolicy(document ?? {}, patch));
}
