import type { ClientFraming } from "../model/dialect.ts";
import type { GatewayError } from "../model/gateway-error.ts";
import type { StreamAnswer } from "./attempt.ts";
import { continueStream } from "./continuation/continue-stream.ts";
import type { LiveCall } from "./live-call.ts";
import type { PlannedRoute } from "./planned-route.ts";
import type { StreamOwner } from "./relay/client-stream.ts";

const STREAM_BEGAN = 200;
const encoder = new TextEncoder();

/**
 * Joins a stream to its call: what the relay found out at its end is what the call is settled with. `begun` may still
 * be on its way.
 */
export function streamOwner(
  call: LiveCall,
  route: PlannedRoute,
  begun: StreamAnswer | Promise<StreamAnswer>,
  framing: ClientFraming | undefined,
): StreamOwner {
  let answer: StreamAnswer | undefined;
  const note = (started: StreamAnswer): void => {
    answer = started;
    if (!call.isSettled) call.parts.openStreams.add(call);
  };
  // A failure is told by the stream itself, which waits for the same promise.
  if (begun instanceof Promise) begun.then(note, () => {});
  else note(begun);
  return {
    guard: call.guard,
    content: call.content,
    recorder: call.recorder,
    framing,
    continueAfter(failure: GatewayError) {
      if (answer === undefined || !route.settings.retries.continueStreams) return undefined;
      return continueStream(call, route, answer, failure)?.then((next) => {
        answer = next;
        return next.stream;
      });
    },
    settle(failure: GatewayError | undefined) {
      call.parts.openStreams.delete(call);
      const facts = answer?.stream.relay.facts();
      return call.settle(answer?.status ?? STREAM_BEGAN, {
        ...(failure === undefined ? {} : { failure }),
        ...(facts === undefined ? {} : { facts, answerBytes: facts.outputBytes }),
        ...(answer?.stream.wasCutShort === true ? { wasCutShort: true } : {}),
      });
    },
    encodeError(failure: GatewayError) {
      const { inbound, requestId } = call.incoming;
      return (
        answer?.stream.relay.failing?.(failure, requestId) ??
        encoder.encode(inbound.encodeStreamError(failure, requestId))
      );
    },
  };
}
