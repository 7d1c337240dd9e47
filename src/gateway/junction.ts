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
  /** The same dialect on both sides: bytes go through as they are. */
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
  request: InferenceRequest<O>,
  target: Target,
  dialects: Parts["dialects"],
): Junction<O> {
  const { operation } = request;
  const inbound = incoming.inbound.operations[operation];
  if (inbound === undefined) throw new Error(`${incoming.dialect} has no operation ${operation}`);
  const endpoints = target.endpoints[operation] ?? [];
  const same = endpoints.find(({ dialect }) => dialect === incoming.dialect);
  for (const endpoint of same === undefined ? endpoints : [same]) {
    const face = dialects.get(endpoint.dialect)?.upstream;
    const upstream = face?.operations[operation];
    const isPassthrough = endpoint === same && isServedAsAsked(request, endpoint);
    if (
      face !== undefined &&
      upstream !== undefined &&
      (isPassthrough || upstream.encodeRequest !== undefined)
    )
      return { endpoint, isPassthrough, inbound, upstream, face };
  }
  throw new GatewayError("cannot_translate", {
    message: `${target.name} can't be asked in ${incoming.dialect} for the operation "${operation}".`,
    mend: "Use a model whose provider has it. GET /v1/models lists models.",
    field: "model",
  });
}

/** What has an action of its own in the client's dialect needs one on the other side too, to pass as it is. */
function isServedAsAsked({ original, isSingle }: InferenceRequest, { singleUrl }: TargetEndpoint): boolean {
  return original !== undefined && (isSingle !== true || singleUrl !== undefined);
}
