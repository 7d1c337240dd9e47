import type { Rest } from "./target-state.ts";

/** Why a target should not be called now, as the rest of a sentence about it. */
export function restWords(rest: Rest | undefined, nowMs: number): string {
  if (rest === undefined) return "others come before it";
  const left = rest.untilMs === undefined ? "" : `, for ${Math.max(0, Math.round(rest.untilMs - nowMs))} ms`;
  switch (rest.kind) {
    case "full":
      return "its key carries as many calls as it may";
    case "rate-limited":
      return `its provider's rate limit is used up${left}`;
    case "open":
      return `it failed and is out${left}`;
    case "credential":
      return `its provider refuses the key${left}`;
  }
}
