import { GatewayError } from "../model/gateway-error.ts";
import type { ResponseHome } from "../model/response-home.ts";
import type { Route, Target, WeightedTarget } from "../model/snapshot.ts";
import { targetOf } from "../routing/target.ts";
import type { LiveCall } from "./live-call.ts";

/** Remembers who keeps the answer, where its provider does: the next turn has to go there. */
export function noteKeptResponse(call: LiveCall, { upstream }: Target, id: string): void {
  const { parts, caller } = call;
  const home = { provider: upstream.provider, credential: upstream.credentialName ?? "" };
  try {
    parts.responseHomes?.note(caller.project, id, home, Date.now());
  } catch (cause) {
    // The answer is there: only the way back to it may not be found.
    parts.telemetry.log.error({ cause: String(cause) }, "response not remembered");
  }
}

/** A route, and those of its targets that may be used. */
export interface RouteChoice {
  readonly route: Route;
  readonly permitted: readonly WeightedTarget[];
}

/**
 * What is left to choose for a request that goes on from a response which a provider keeps (`previous_response_id`): that
 * provider, with the credential that it was made with. All of it where the response is not known here, since it may have
 * been made elsewhere. Throws `cannot_translate` where the route does not lead there.
 */
export function whereKept(call: LiveCall, choice: RouteChoice): RouteChoice {
  const { request, parts, caller } = call;
  const id = request.previousResponse;
  if (id === undefined) return choice;
  const home = parts.responseHomes?.find(caller.project, id, Date.now());
  if (home === undefined) return choice;
  const kept = choice.permitted.filter(({ target }) => target.upstream.provider === home.provider);
  if (kept.length > 0) {
    const targets = kept.map((member) => atHome(member, home));
    return { route: { ...choice.route, targets }, permitted: targets };
  }
  // Another arm of the route was chosen than the one that the response came from: the provider there will say so.
  if (choice.route.arm !== undefined) return choice;
  throw new GatewayError("cannot_translate", {
    message: `The response that \`previous_response_id\` names is kept by ${home.provider}, and this model is none of that provider's.`,
    mend: `Ask for a model of ${home.provider}, or send the whole conversation in \`input\` instead.`,
    field: "previous_response_id",
  });
}

/** Keys of one provider may be of several accounts, and an account knows its own responses alone. */
function atHome(member: WeightedTarget, { credential }: ResponseHome): WeightedTarget {
  const { upstream, model } = member.target;
  const own = upstream.pool?.find(({ credentialName }) => credentialName === credential);
  return own === undefined ? member : { ...member, target: targetOf(own, model) };
}
