import type { GatewayError } from "../model/gateway-error.ts";
import type { StreamAnswer } from "./attempt.ts";
import type { LiveCall } from "./live-call.ts";
import type { StreamOwner } from "./relay/client-stream.ts";

const STREAM_BEGAN = 200;
const encoder = new TextEncoder();

/** Joins a stream to its call: what the relay found out at its end is what the call is settled with. */
export function streamOwner(call: LiveCall, begun: Promise<StreamAnswer>): StreamOwner {
  let answer: StreamAnswer | undefined;
  begun.then(
    (started) => {
      answer = started;
      call.parts.openStreams.add(call);
    },
    // The failure is told by the stream itself, which waits for the same promise.
    () => {},
  );
  return {
    guard: call.guard,
    settle(failure: GatewayError | undefined) {
      call.parts.openStreams.delete(call);
      const facts = answer?.relay.facts();
      return call.settle(answer?.status ?? STREAM_BEGAN, {
        ...(failure === undefined ? {} : { failure }),
        ...(facts === undefined ? {} : { facts, answerBytes: facts.outputBytes }),
      });
    },
    encodeError: (failure) =>
      encoder.encode(call.incoming.inbound.encodeStreamError(failure, call.incoming.requestId)),
  };
}
