import { z } from "zod";
import type { BodySummary } from "../../ledger/bodies/body-table.ts";
import { momentShown, shownMoment } from "./moment.ts";

/** What is told of a recorded body without showing it. */
export const bodySummaryView = z
  .strictObject({
    part: z.string().describe("request or answer"),
    content_type: z.string(),
    bytes: z.int().describe("Of the whole body"),
    is_cut: z.boolean().describe("Whether only its beginning is kept"),
    recorded_at: momentShown,
    expires_at: momentShown.describe("When it is deleted"),
  })
  .meta({ id: "BodySummary" });

/** A recorded body as the API tells it. */
export function shownBodySummary(body: BodySummary): z.output<typeof bodySummaryView> {
  return {
    part: body.part,
    content_type: body.content_type,
    bytes: body.body_bytes,
    is_cut: body.is_cut === 1,
    recorded_at: shownMoment(body.recorded_at_ms),
    expires_at: shownMoment(body.expires_at_ms),
  };
}
