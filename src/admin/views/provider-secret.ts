import { z } from "zod";
import type { ProviderSecretRow } from "../../storage/schema.ts";
import { momentShown, shownMoment } from "./moment.ts";

/** A secret as it is sent: one word that a header can carry. */
export const secretGiven = z
  .string()
  .max(8192)
  .regex(/^[\x21-\x7e]+$/, { error: "must be one word of plain ASCII" })
  .meta({ description: "The provider's key; encrypted, and never shown again", mend: "Send the key alone." });

/** A provider's secret in an answer: everything but the secret, which is never shown again. */
export const secretView = z
  .strictObject({
    id: z.string(),
    provider: z.string(),
    origin: z.string().describe("Where it is sent, and nowhere else"),
    entered_at: momentShown,
    entered_by: z.string(),
  })
  .meta({ id: "ProviderSecret" });

/** A secret as the API shows it. */
export function shownSecret(row: ProviderSecretRow): z.output<typeof secretView> {
  return {
    id: row.id,
    provider: row.provider,
    origin: row.origin,
    entered_at: shownMoment(row.entered_at_ms),
    entered_by: row.entered_by,
  };
}
