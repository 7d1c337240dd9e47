import type { AttemptOpening, AttemptPurpose, RequestOpening } from "../model/attempt.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import type { Target } from "../model/snapshot.ts";
import type { Writable } from "../model/writable.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import type { IncomingCall } from "./incoming-call.ts";

/** Names come from clients; a row holds this much of one. */
const MAX_NAME_CHARACTERS = 512;

/** What the row of a call says of it when it is accepted; `request` is undefined where it could not be read. */
export function requestOpening(
  incoming: IncomingCall,
  caller: KnownCaller,
  request: InferenceRequest | undefined,
): RequestOpening {
  const { token, tags } = caller;
  // Whom a token is for was said by the backend; what a page says of itself is no more than that.
  const endUser = token?.endUser ?? request?.endUser;
  const opening: Writable<RequestOpening> = {
    requestId: incoming.requestId,
    receivedAtMs: incoming.receivedAtMs,
    project: caller.project,
    keyId: caller.keyId,
    dialect: incoming.dialect,
    operation: request?.operation ?? incoming.operation,
    requestedModel: (request?.model ?? "").slice(0, MAX_NAME_CHARACTERS),
    stream: request?.stream ?? false,
  };
  if (endUser !== undefined) opening.endUser = endUser.slice(0, MAX_NAME_CHARACTERS);
  if (token !== undefined) opening.tokenId = token.id;
  if (tags !== undefined) opening.tags = tags;
  return opening;
}

/** Whose attempt is begun, and which of its attempts. */
interface BegunFor {
  readonly requestId: string;
  readonly ordinal: number;
  readonly bodyBytes: number;
  readonly markup: string | undefined;
  /** Undefined: an answer from its beginning. */
  readonly purpose: AttemptPurpose | undefined;
}

/** What the row of an attempt says before a byte of it is sent. */
export function attemptOpening(target: Target, begunFor: BegunFor): AttemptOpening {
  const { requestId, ordinal, bodyBytes, markup, purpose } = begunFor;
  const opening: Writable<AttemptOpening> = {
    attemptId: `att_${Bun.randomUUIDv7()}`,
    requestId,
    ordinal,
    startedAtMs: Date.now(),
    provider: target.upstream.provider,
    model: target.model,
    bodyBytes,
  };
  if (markup !== undefined) opening.markup = markup;
  if (purpose !== undefined) opening.purpose = purpose;
  return opening;
}
