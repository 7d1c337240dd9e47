import type { InboundOperation, UpstreamFace, UpstreamOperation } from "../model/dialect.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import type { Operation } from "../model/operation.ts";
import type { Target, TargetEndpoint } from "../model/snapshot.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { Parts } from "./parts.ts";

/** How a client's dialect and a target's meet for one operation. */
export interface Junction<O extends Operation = Operation> {
  readonly endpoint: TargetEndpoint;
  /** The same dialect on both sides. */
  readonly isSameDialect: boolean;
  /** The same dialect, and a request whose bytes may go on: they go through as they are, and so do the answer's. */
  readonly isPassthrough: boolean;
  readonly inbound: InboundOperation<O>;
  readonly upstream: UpstreamOperation<O>;
  readonly face: UpstreamFace;
}

/**
 * Joins a call to a target: by the client's own dialect where the target speaks it, else by the first that can be
 * translated to. Throws `cannot_translate` where there is none.
 */
export function joinDialects<O extends Operation>(
  incoming: IncomingCall,
  request: Pick<InferenceRequest<O>, "operation" | "original" | "isSingle">,
  target: Target,
  dialects: Parts["dialects"],
): Junction<O> {
  const junction = findJunction(incoming, request, target, dialects);
  if (junction !== undefined) return junction;
  throw new GatewayError("cannot_translate", {
    message: `${target.name} can't be asked in ${incoming.dialect} for the operation "${request.operation}".`,
    mend: "Use a model whose provider has it. GET /v1/models lists models.",
    field: "model",
  });
}

/** The same; undefined where the target has nothing for that operation. */
export function findJunction<O extends Operation>(
  incoming: IncomingCall,
  { operation, original, isSingle }: Pick<InferenceRequest<O>, "operation" | "original" | "isSingle">,
  target: Target,
  dialects: Parts["dialects"],
): Junction<O> | undefined {
  const inbound = incoming.inbound.operations[operation];
  if (inbound === undefined) throw new Error(`${incoming.dialect} has no operation ${operation}`);
  const endpoints = target.endpoints[operation] ?? [];
  const same = endpoints.find(({ dialect }) => dialect === incoming.dialect);
  for (const endpoint of same === undefined ? endpoints : [same]) {
    const face = dialects.get(endpoint.dialect)?.upstream;
    const upstream = face?.operations[operation];
    const isSameDialect = endpoint === same;
    // What has an action of its own in the client's dialect needs one on the other side too.
    const isServedAsAsked = isSingle !== true || endpoint.singleUrl !== undefined;
    const isPassthrough =
      isSameDialect && original !== undefined && original.isForeign !== true && isServedAsAsked;
    if (face === undefined || upstream === undefined) continue;
    if (isPassthrough || upstream.encodeRequest !== undefined)
      return { endpoint, isSameDialect, isPassthrough, inbound, upstream, face };
  }
  return undefined;
}
