import { GatewayError } from "../model/gateway-error.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import type { ResponseHome } from "../model/response-home.ts";
import type { Route, Target, Upstream, WeightedTarget } from "../model/snapshot.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import { directRoute } from "../routing/direct-route.ts";
import { targetOf } from "../routing/target.ts";
import { permittedMembers } from "./admission/permitted-members.ts";
import type { Parts } from "./parts.ts";

/** What of a call is looked at. */
interface KeptCall {
  readonly caller: KnownCaller;
  readonly parts: Parts;
}

/** Remembers who keeps the answer, where its provider does: the next turn has to go there. `route` is an alias. */
export function noteKeptResponse(
  call: KeptCall,
  route: string,
  { upstream, model }: Target,
  id: string,
): void {
  const { parts, caller } = call;
  const home = {
    provider: upstream.provider,
    credential: upstream.credentialName ?? "",
    route,
    model,
    ...(caller.token === undefined ? {} : { endUser: caller.token.endUser }),
  };
  parts.responseHomes?.note(caller.project, id, home, Date.now());
}

/**
 * Who keeps a project's response, with the credential that knows it; undefined where nobody here does, or the caller may
 * not ask for what it was made with.
 */
export function keeperOf(parts: Parts, caller: KnownCaller, id: string): Upstream | undefined {
  const home = parts.responseHomes?.find(caller.project, id, Date.now());
  if (home === undefined) return undefined;
  const { upstreams, translation } = parts.snapshot();
  const upstream = upstreams.get(home.provider);
  if (upstream === undefined) return undefined;
  const own = credentialAt(upstream, home);
  const route = { ...directRoute(targetOf(own, home.model), translation), alias: home.route };
  return permittedMembers(caller, route).length > 0 ? own : undefined;
}

/** A route, and those of its targets that may be used. */
export interface RouteChoice {
  readonly route: Route;
  readonly permitted: readonly WeightedTarget[];
}

/**
 * What is left to choose for a request that goes on from a response which a provider keeps (`previous_response_id`): that
 * provider, with the credential that it was made with. All of it where the response is not known here, since it may have
 * been made elsewhere. Throws `not_found` for what is another's, and `cannot_translate` where the route does not lead
 * there.
 */
export function whereKept(
  { request, parts, caller }: KeptCall & { readonly request: InferenceRequest },
  choice: RouteChoice,
): RouteChoice {
  const id = request.previousResponse;
  if (id === undefined) return choice;
  const home = parts.responseHomes?.find(caller.project, id, Date.now());
  if (isOfAnother(parts, caller, id, home)) throw notKnown();
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

/**
 * The credential that goes upstream is shared, so the provider would go on with another project's conversation. A browser
 * token is one end user's, and goes on with what tokens of the same one were answered with.
 */
function isOfAnother(
  parts: Parts,
  { project, token }: KnownCaller,
  id: string,
  home: ResponseHome | undefined,
): boolean {
  if (token !== undefined) return home?.endUser !== token.endUser;
  return home === undefined && parts.responseHomes?.isOfAnother(project, id) === true;
}

function notKnown(): GatewayError {
  return new GatewayError("not_found", {
    message: "No response of the id that `previous_response_id` names is known to this project.",
    mend: "Go on from what a call of this project was answered with (with a browser token: of the same end user), or send the whole conversation in `input` instead.",
    field: "previous_response_id",
  });
}

/** Keys of one provider may be of several accounts, and an account knows its own responses alone. */
function atHome(member: WeightedTarget, home: ResponseHome): WeightedTarget {
  const { upstream, model } = member.target;
  const own = credentialAt(upstream, home);
  return own === upstream ? member : { ...member, target: targetOf(own, model) };
}

function credentialAt(upstream: Upstream, { credential }: ResponseHome): Upstream {
  return upstream.pool?.find(({ credentialName }) => credentialName === credential) ?? upstream;
}
