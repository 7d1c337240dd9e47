import type { ChoiceRequest } from "../routing/arrange.ts";
import { explainRoute } from "../routing/explain.ts";
import type { PlanSources } from "../routing/route-plan.ts";

/** A header must stay small; POST /admin/v1/routes/explain has no such bound. */
const MAX_CHARACTERS = 6_000;

/** What `x-gatehouse-explain: true` is answered with: how the route's targets stood when the call came, as JSON. */
export function explanationHeader(
  request: ChoiceRequest,
  sources: PlanSources,
): { readonly "x-gatehouse-explanation": string } {
  const explanation = explainRoute(request, sources);
  const targets = [...explanation.targets];
  let text = asciiJson(explanation);
  while (text.length > MAX_CHARACTERS && targets.length > 0) {
    targets.pop();
    text = asciiJson({ ...explanation, targets, left_off: explanation.targets.length - targets.length });
  }
  return { "x-gatehouse-explanation": text };
}

/** JSON that a header can carry: what is not ASCII is escaped, as JSON allows. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
