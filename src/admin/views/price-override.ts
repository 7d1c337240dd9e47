import { z } from "zod";
import type { PriceOverrideRow } from "../../storage/schema.ts";
import { momentOrNull, momentShown, shownMoment, shownMomentOrNull } from "./moment.ts";

/** A stored price in an answer. */
export const priceOverrideView = z
  .strictObject({
    id: z.string(),
    provider: z.string(),
    model: z.string(),
    price: z.looseObject({}).describe("As a price in the configuration: dollars per million tokens"),
    valid_from: momentOrNull,
    valid_until: momentOrNull,
    created_at: momentShown,
    created_by: z.string(),
    updated_at: momentShown,
    revision: z.int().describe("Grows with every change; for If-Match"),
  })
  .meta({ id: "PriceOverride" });

/** A stored price as the API shows it. */
export function shownPriceOverride(row: PriceOverrideRow): z.output<typeof priceOverrideView> {
  return {
    id: row.id,
    provider: row.provider,
    model: row.model,
    price: JSON.parse(row.price),
    valid_from: shownMomentOrNull(row.valid_from_ms),
    valid_until: shownMomentOrNull(row.valid_until_ms),
    created_at: shownMoment(row.created_at_ms),
    created_by: row.created_by,
    updated_at: shownMoment(row.updated_at_ms),
    revision: row.revision,
  };
}
