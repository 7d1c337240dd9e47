import type { Continuation } from "../../model/continuation.ts";
import type { AnswerForm } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { Target } from "../../model/snapshot.ts";
import type { Junction } from "../junction.ts";
import type { LiveCall } from "../live-call.ts";
import type { SendingCall } from "../outgoing.ts";
import { openTranslateRelay } from "../relay/open-translate-relay.ts";
import type { Relay } from "../relay/relay.ts";
import { continuedRequest, repeatedBeginning, tokensLeft } from "./continuable-request.ts";
import { continuableTarget } from "./continuable-target.ts";
import type { HandOver } from "./hand-over.ts";
import { SplicedDecoder } from "./spliced-decoder.ts";
import { WholeUsageEncoder } from "./whole-usage.ts";

/** A call as it is put to a target that goes on with its answer. */
export interface ContinuedCall extends SendingCall {
  readonly request: InferenceRequest<"chat">;
  /** As it is asked for that. */
  readonly target: Target;
  readonly continuation: Continuation;
  readonly handOver: HandOver;
}

/** The call for a target that was chosen for it; undefined where that can't go on with an answer. */
export function continuedCall(
  call: LiveCall,
  request: InferenceRequest<"chat">,
  handOver: HandOver,
  chosen: Target,
): ContinuedCall | undefined {
  const found = continuableTarget(chosen);
  if (found === undefined) return undefined;
  const { target, continuation } = found;
  return {
    incoming: call.incoming,
    request: continuedRequest(request, handOver.soFar, continuation),
    translation: call.translation,
    outputBound: tokensLeft(call.outputBound, handOver.soFar),
    target,
    continuation,
    handOver,
  };
}

/** Puts a target's continuation behind what the client has been given. */
export function openContinuedRelay(
  call: LiveCall,
  { target, continuation, handOver }: ContinuedCall,
  junction: Junction,
  form: AnswerForm,
): Relay {
  const { soFar, encoder } = handOver;
  return openTranslateRelay({
    ...{ junction, form, upstream: target.upstream, handOver },
    through: (decoder) => new SplicedDecoder(decoder, soFar, repeatedBeginning(soFar, continuation)),
    encoder: new WholeUsageEncoder(encoder, soFar.tokens),
    limitBytes: call.snapshot.limits.answerBytes,
  });
}
