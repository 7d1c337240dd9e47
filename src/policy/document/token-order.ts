import { z } from "zod";
import { policyMembers } from "./policy-schema.ts";

const MAX_SECONDS = 86_400;
const USUAL_SECONDS = 900;

/** Who minted it hears of what its own budgets have spent; that of every end user would be noise. */
const budgets = z
  .array(
    policyMembers.budgets.element.extend({
      alert_percents: policyMembers.budgets.element.shape.alert_percents.unwrap().default([]),
    }),
  )
  .max(20)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    error: "must not hold two budgets of the same name",
  })
  .meta({ description: "Money that may be spent; all hold at once", mend: "Rename one of the two." });

/** What a backend asks a browser token to be. What its policy leaves out is as the key's. */
export const tokenOrder = z.strictObject({
  end_user: z
    .string()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u, { error: "must not hold control characters" })
    .meta({
      description: "Whom it is for; stands in the ledger beside every call",
      mend: "Write the id by which your backend knows the user, up to 200 characters.",
    }),
  expires_in: z
    .int()
    .min(1)
    .max(MAX_SECONDS)
    .optional()
    .meta({
      description: `Seconds that it is good for; ${USUAL_SECONDS} unless said, less where the key ends sooner`,
      mend: `Write whole seconds from 1 to ${MAX_SECONDS}.`,
    }),
  policy: z
    .strictObject({
      models: policyMembers.models.optional(),
      providers: policyMembers.providers.optional(),
      regions: policyMembers.regions.optional(),
      operations: policyMembers.operations.optional(),
      max_output_tokens: policyMembers.max_output_tokens.optional(),
      max_concurrent: policyMembers.max_concurrent.optional(),
      rate_limits: policyMembers.rate_limits.optional(),
      budgets: budgets.optional(),
      origins: policyMembers.origins.optional(),
    })
    .default({})
    .describe("What it may do, no more than the key"),
});

export type TokenOrder = z.output<typeof tokenOrder>;

/** How long a token is good for where nobody says, in milliseconds. */
export const USUAL_TOKEN_MS = USUAL_SECONDS * 1000;
