import { GatewayError } from "../model/gateway-error.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import type { Route, Snapshot, Target, Upstream, WeightedTarget } from "../model/snapshot.ts";
import type { StoredResponse } from "../model/stored-response.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import { waysOf } from "../routing/arms.ts";
import { directRoute } from "../routing/direct-route.ts";
import { targetOf } from "../routing/target.ts";
import { permittedMembers } from "./admission/permitted-members.ts";
import type { Parts } from "./parts.ts";

/** What of a call is looked at. */
interface StoringCall {
  readonly caller: KnownCaller;
  readonly parts: Parts;
}

/** Remembers where an answer is stored, for the next turn has to go there. `route` is an alias. */
export function noteStoredResponse(
  call: StoringCall,
  route: string,
  { upstream, model }: Target,
  id: string,
): void {
  const { parts, caller } = call;
  const response = {
    provider: upstream.provider,
    credential: upstream.credentialName ?? "",
    route,
    model,
    ...(caller.token === undefined ? {} : { endUser: caller.token.endUser }),
  };
  parts.storedResponses?.note(caller.project, id, response, Date.now());
}

/**
 * The provider that stores a project's response, with the credential that it was made with; undefined where none here
 * does, or the caller may not ask for what it was made with.
 */
export function storingUpstream(parts: Parts, caller: KnownCaller, id: string): Upstream | undefined {
  const stored = parts.storedResponses?.find(caller.project, id, Date.now());
  if (stored === undefined) return undefined;
  const snapshot = parts.snapshot();
  const upstream = snapshot.upstreams.get(stored.provider);
  if (upstream === undefined) return undefined;
  const route = routeThere(snapshot, targetOf(upstream, stored.model), stored.route);
  const isPermitted = permittedMembers(caller, route).length === route.targets.length;
  return isPermitted ? credentialOf(upstream, stored) : undefined;
}

/** The part of the route of that name that leads to a target, which may be written to stand in a region of its own. */
function routeThere({ routes, translation }: Snapshot, target: Target, alias: string): Route {
  const direct = directRoute(target, translation);
  const route = routes.get(alias);
  const members = (route === undefined ? [] : waysOf(route)).flatMap(({ targets }) =>
    targets.filter((member) => member.target.name === target.name),
  );
  return { ...direct, alias, ...(members.length > 0 && { targets: members }) };
}

/**
 * What is left to choose for a request that goes on from a response which a provider stores (`previous_response_id`):
 * that provider, with the credential that it was made with. Undefined where that leaves all of it: also where the response
 * is not known here, since it may have been made elsewhere. Throws `not_found` for what is another's, and
 * `cannot_translate` where the route does not lead there.
 */
export function whereStored(
  { request, parts, caller }: StoringCall & { readonly request: InferenceRequest },
  arm: string | undefined,
  permitted: readonly WeightedTarget[],
): readonly WeightedTarget[] | undefined {
  const id = request.previousResponse;
  if (id === undefined) return undefined;
  const stored = parts.storedResponses?.find(caller.project, id, Date.now());
  if (isOfAnother(parts, caller, id, stored)) throw notKnown();
  if (stored === undefined) return undefined;
  const members = permitted.filter(({ target }) => target.upstream.provider === stored.provider);
  if (members.length > 0) return members.map((member) => withItsCredential(member, stored));
  // Another arm of the route was chosen than the one that the response came from: the provider there will say so.
  if (arm !== undefined) return undefined;
  throw new GatewayError("cannot_translate", {
    message: `The response that \`previous_response_id\` names is stored by ${stored.provider}, and this model is none of that provider's.`,
    mend: `Ask for a model of ${stored.provider}, or send the whole conversation in \`input\` instead.`,
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
  stored: StoredResponse | undefined,
): boolean {
  if (token !== undefined) return stored?.endUser !== token.endUser;
  return stored === undefined && parts.storedResponses?.isOfAnother(project, id) === true;
}

function notKnown(): GatewayError {
  return new GatewayError("not_found", {
    message: "No response of the id that `previous_response_id` names is known to this project.",
    mend: "Go on from what a call of this project was answered with (with a browser token: of the same end user), or send the whole conversation in `input` instead.",
    field: "previous_response_id",
  });
}

/** Keys of one provider may be of several accounts, and an account knows its own responses alone. */
function withItsCredential(member: WeightedTarget, stored: StoredResponse): WeightedTarget {
  const { upstream, model } = member.target;
  const own = credentialOf(upstream, stored);
  return own === upstream ? member : { ...member, target: targetOf(own, model) };
}

function credentialOf(upstream: Upstream, { credential }: StoredResponse): Upstream {
  return upstream.pool?.find(({ credentialName }) => credentialName === credential) ?? upstream;
}
