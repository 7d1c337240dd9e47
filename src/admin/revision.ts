import { z } from "zod";
import { GatewayError } from "../model/gateway-error.ts";
import type { AdminCall } from "./resource.ts";

/** The revision that a change was made for, in its body. */
export const revisionGiven = z
  .int()
  .min(0)
  .optional()
  .describe("Refuses the change where it is not the revision any more; If-Match does the same");

/** Throws `stale_revision` where something is not as whoever changes it has seen it. */
export function refuseStale(
  current: number,
  { ifMatch }: Pick<AdminCall, "ifMatch">,
  given?: number | undefined,
): void {
  const isStale =
    (given !== undefined && given !== current) || (ifMatch !== undefined && !ifMatch.includes(current));
  if (!isStale) return;
  throw new GatewayError("stale_revision", {
    message: `It was changed meanwhile: its revision is ${current}.`,
  });
}
