import { z } from "zod";

/** A moment in an answer. */
export const momentShown = z.iso.datetime();

/** A moment in an answer that may not have come, or never will. */
export const momentOrNull = momentShown.nullable();

/** A moment as the API shows it. */
export function shownMoment(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same where there may be none. */
export function shownMomentOrNull(ms: number | null): string | null {
  return ms === null ? null : shownMoment(ms);
}

const MOMENT_MEND = "Write a moment of ISO 8601 with its offset, such as 2027-01-31T00:00:00Z.";

/** A moment in a body. */
export const momentGiven = z.iso
  .datetime({ offset: true, error: "must be a moment with its offset from UTC" })
  .meta({ description: "ISO 8601 with an offset", mend: MOMENT_MEND });

/** A moment in a body that has not come yet. */
export const momentToCome = momentGiven.refine((moment) => Date.parse(moment) > Date.now(), {
  error: "must be in the future",
});

/** A moment in a query: a date stands for its midnight in UTC. */
export const momentAsked = z.union([momentGiven, z.iso.date()]).meta({
  description: "ISO 8601 with an offset, or a date, which stands for its midnight in UTC",
  mend: "Write 2027-01-31T00:00:00Z or 2027-01-31.",
});
