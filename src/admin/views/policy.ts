import { z } from "zod";
import { type PolicyDocument, policyDocument, policyMembers } from "../../policy/document/policy-schema.ts";
import { readPolicy, storedDocument } from "../../policy/document/read-policy.ts";
import { writePolicy } from "../../policy/document/write-policy.ts";

/** A policy in an answer: amounts are texts, whatever they were written as. */
export const policyView = policyDocument
  .extend({
    budgets: z
      .array(policyMembers.budgets.element.extend({ amount_usd: z.string() }))
      .optional()
      .describe("Money that may be spent; all hold at once"),
  })
  .nullable()
  .meta({
    id: "StoredPolicy",
    description:
      "What it may do. Null where the stored one can't be read by this version: then no model is allowed.",
  });

export type PolicyView = z.output<typeof policyView>;

/** The policy of a row, as the API shows it. */
export function shownPolicy(stored: string): PolicyView {
  const document = storedDocument(stored);
  return document === undefined ? null : normalPolicy(document);
}

/** A policy in its one form, in which it is stored and shown. */
export function normalPolicy(document: PolicyDocument): NonNullable<PolicyView> {
  const { budgets, ...rest } = writePolicy(readPolicy(document));
  if (budgets === undefined) return rest;
  return {
    ...rest,
    budgets: budgets.map((budget) => ({ ...budget, amount_usd: String(budget.amount_usd) })),
  };
}
