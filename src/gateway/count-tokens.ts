import type { Receipt } from "../model/dialect.ts";
import { asGatewayError, GatewayError } from "../model/gateway-error.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import type { RouteSettings } from "../model/route-settings.ts";
import type { Target } from "../model/snapshot.ts";
import { NO_USAGE } from "../model/usage.ts";
import type { Choice } from "../routing/plan.ts";
import { attemptWhole, type WholeAnswer } from "./attempt.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { findJunction } from "./junction.ts";
import type { LiveCall } from "./live-call.ts";

/** How servers say that they have no such path. */
const NO_SUCH_PATH: ReadonlySet<number> = new Set([404, 405, 501]);

/** True for a request that only asks how many tokens it would take. */
export function isCount(request: InferenceRequest): request is InferenceRequest<"count-tokens"> {
  return request.operation === "count-tokens";
}

/**
 * How many tokens a conversation would take on a target: asked of its provider, or estimated here where that has nothing
 * to ask. An estimate calls nobody, so it is no attempt. Fails as `attemptWhole` does.
 */
export async function countTokens(
  call: LiveCall,
  request: InferenceRequest<"count-tokens">,
  choice: Choice,
  settings: RouteSettings,
): Promise<WholeAnswer> {
  const { target } = choice;
  if (findJunction(call.incoming, request, target, call.parts.dialects) === undefined)
    return estimated(call, request, target);
  try {
    return await attemptWhole(call, choice, settings);
  } catch (thrown) {
    const failure = asGatewayError(thrown);
    if (hasNoCounting(failure)) return estimated(call, request, target);
    throw failure;
  }
}

/** A server that speaks the dialect but does not count; one that knows counting may not know the model. */
function hasNoCounting({ source, status, message }: GatewayError): boolean {
  return source === "upstream" && NO_SUCH_PATH.has(status) && !/\bmodel\b/i.test(message);
}

function estimated(call: LiveCall, request: InferenceRequest<"count-tokens">, target: Target): WholeAnswer {
  const content = request.content();
  if (content.untranslatable !== undefined) throw uncountable(content.untranslatable.field);
  const inputTokens = estimateTokens(content);
  const encoder = call.incoming.inbound.operations["count-tokens"];
  if (encoder === undefined) throw new Error(`${call.incoming.dialect} has no counting of tokens`);
  return {
    target,
    status: 200,
    contentType: "application/json",
    facts: { outputBytes: 0, outputEvents: 0 },
    answerBytes: 0,
    isEstimated: true,
    body: (receipt) => encoder.encodeResponse({ inputTokens, source: "estimated" }, request, receipt),
  };
}

/** What a provider keeps is nothing that could be estimated here. */
function uncountable(field: string): GatewayError {
  return new GatewayError("cannot_translate", {
    message: `The provider of this model counts no tokens, and what \`${field}\` refers to can't be estimated here.`,
    mend: "Send the whole conversation to be counted.",
    field,
  });
}

/** What is known of a call that needed no attempt. */
export function receiptWithoutAttempt(call: LiveCall, target: Target): Receipt {
  return {
    requestId: call.incoming.requestId,
    provider: target.upstream.provider,
    model: target.model,
    attempts: call.attempts,
    totalMs: call.guard.elapsedMs(),
    usage: NO_USAGE,
  };
}
