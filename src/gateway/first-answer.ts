import { asGatewayError, GatewayError } from "../model/gateway-error.ts";
import type { FailedChoice } from "../routing/plan.ts";
import { hedged } from "./hedge.ts";
import type { LiveCall } from "./live-call.ts";
import { noTarget } from "./no-target.ts";
import type { Attempting, Outcome, PlannedRoute } from "./planned-route.ts";

/**
 * The first answer that one of a route's targets gives, as its plan has them follow each other, while nothing has
 * reached the client and it still waits. Throws the last failure.
 */
export async function firstAnswer<Answer>(
  call: LiveCall,
  route: PlannedRoute,
  attempt: Attempting<Answer>,
): Promise<Answer> {
  const { plan } = route;
  let choice = plan.first();
  if (choice === undefined) throw noTarget(route.alias, plan.record());
  for (;;) {
    if (choice.waitMs > 0) await call.guard.wait(choice.waitMs);
    let failed: readonly FailedChoice[];
    try {
      if (route.settings.hedge === undefined) return await attempt(choice);
      const outcome: Outcome<Answer> = await hedged(call, route, choice, attempt);
      if ("answer" in outcome) return outcome.answer;
      failed = outcome.failed;
    } catch (thrown) {
      failed = [{ choice, failure: asGatewayError(thrown) }];
    }
    const next = plan.after(failed);
    // Who would wait for longer than the caller does is not asked.
    const isWorthIt = next !== undefined && next.waitMs < call.guard.leftMs;
    if (!isWorthIt || !call.canPayAnother(false)) throw tellable(failed);
    choice = next;
  }
}

/** Of two failures the one that no other target would mend; else the last. */
function tellable(failed: readonly FailedChoice[]): GatewayError {
  const failures = failed.map(({ failure }) => failure);
  return (
    failures.find(({ errorClass }) => errorClass === undefined || errorClass === "caller") ??
    failures.at(-1) ??
    new GatewayError("internal")
  );
}
