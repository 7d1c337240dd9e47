import { GatewayError } from "../../model/gateway-error.ts";
import type { KeptAnswer } from "../../policy/idempotency/kept-answer.ts";
import type { KnownCaller } from "../../policy/identity/key-directory.ts";
import type { IncomingCall, Reply } from "../incoming-call.ts";
import { limitHeaders } from "../limit-headers.ts";
import { LiveCall } from "../live-call.ts";
import type { Parts } from "../parts.ts";

/** A request that has been answered before, and what it asks. */
interface ReplayOrder {
  readonly incoming: IncomingCall;
  readonly caller: KnownCaller;
  readonly parts: Parts;
  readonly bytes: Uint8Array;
}

/**
 * Answers with what the first call was answered with. Nothing is sent to a provider and nothing is charged; the request
 * log has a row of it, without attempts, that names the first. How the limits stand is of now. Throws what the first was
 * refused with.
 */
export function replay({ head, body }: KeptAnswer, order: ReplayOrder): Reply {
  const { incoming, caller, parts } = order;
  const call = new LiveCall({ ...incoming, replayOf: head.requestId }, caller, parts.snapshot(), parts);
  noteWhatIsAsked(call, order.bytes);
  const marks = { "idempotent-replayed": "true", "x-gatehouse-original-request-id": head.requestId };
  if (head.kind === "failure") {
    const { code, upstream, ...details } = head;
    const failure = new GatewayError(code, {
      ...details,
      ...(upstream === undefined ? {} : { upstream: { ...upstream, body } }),
    });
    failure.replyHeaders = { ...limitHeaders(incoming, caller, parts), ...marks };
    call.settle(failure.status, { failure });
    throw failure;
  }
  call.settle(head.status, {});
  const kept = Object.entries(head.headers).filter(([name]) => !name.includes("ratelimit"));
  const headers = { ...Object.fromEntries(kept), ...limitHeaders(incoming, caller, parts), ...marks };
  return { status: head.status, headers, body };
}

/** Only for the record: what could be read the first time may be refused by a later version, and is answered all the same. */
function noteWhatIsAsked(call: LiveCall, bytes: Uint8Array): void {
  const { incoming } = call;
  try {
    const request = incoming.inbound.operations[incoming.operation]?.decodeRequest({ bytes, ...incoming });
    if (request !== undefined) call.read(request);
  } catch {
    // The row then says what the path says.
  }
}
