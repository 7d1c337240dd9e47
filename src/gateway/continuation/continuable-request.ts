import type { Continuation } from "../../model/continuation.ts";
import type { Conversation } from "../../model/conversation.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { AnswerSoFar } from "./answer-so-far.ts";
import { RepeatedBeginning } from "./repeated-beginning.ts";

/** Whether a stream of this request could be gone on with by another target than the one that began it. */
export function isContinuable(request: InferenceRequest): request is InferenceRequest<"chat"> {
  return request.operation === "chat" && request.stream && (request.choices ?? 1) === 1;
}

/**
 * Whether what is asked can be asked of a target in the middle of an answer: a form of the answer holds from its
 * beginning on, a tool that must be called is called at once, what was thought before is not known to anybody else, and
 * of a beginning that is the client's own, nobody knows whether the answer has it again.
 */
export function canBeAskedInTheMiddle(conversation: Conversation): boolean {
  const { messages, responseFormat, reasoning } = conversation;
  const isFree = responseFormat === undefined || responseFormat.kind === "text";
  const isBegun = messages.at(-1)?.role === "assistant";
  return isFree && !isBegun && !mustCall(conversation) && !thinks(reasoning);
}

function mustCall({ toolChoice }: Conversation): boolean {
  if (toolChoice === undefined) return false;
  const { kind } = toolChoice;
  return kind === "required" || kind === "tool" || (kind === "allowed" && toolChoice.mode === "required");
}

function thinks(reasoning: Conversation["reasoning"]): boolean {
  if (reasoning === undefined || reasoning.mode === "off") return false;
  const { mode, effort = "none", budgetTokens = 0 } = reasoning;
  return mode !== undefined || effort !== "none" || budgetTokens > 0;
}

/** What a target is sent to go on from. */
function sentBeginning({ text }: AnswerSoFar, { refusesTrailingSpace }: Continuation): string {
  return refusesTrailingSpace === true ? text.trimEnd() : text;
}

/** What a target's continuation may have again of what the client has been given. */
export function repeatedBeginning({ text }: AnswerSoFar, continuation: Continuation): RepeatedBeginning {
  const { repeats, refusesTrailingSpace } = continuation;
  const trimmed = text.trimEnd();
  const space = text.slice(trimmed.length);
  if (repeats === true) return new RepeatedBeginning(trimmed, space);
  return new RepeatedBeginning(undefined, refusesTrailingSpace === true ? space : "");
}

/** The request to go on with its answer. It has no bytes of its own: it is said anew to whoever is asked. */
export function continuedRequest(
  request: InferenceRequest<"chat">,
  soFar: AnswerSoFar,
  continuation: Continuation,
): InferenceRequest<"chat"> {
  const { original: _original, maxOutputTokens, ...rest } = request;
  const beginning = sentBeginning(soFar, continuation);
  const left = tokensLeft(maxOutputTokens, soFar);
  return {
    ...rest,
    ...(left === undefined ? {} : { maxOutputTokens: left }),
    bodyBytes: request.bodyBytes + Buffer.byteLength(beginning),
    content: () => {
      const content = request.content();
      const most = tokensLeft(content.sampling.maxOutputTokens, soFar);
      return {
        ...content,
        messages: [...content.messages, { role: "assistant", content: [{ kind: "text", text: beginning }] }],
        sampling: { ...content.sampling, ...(most === undefined ? {} : { maxOutputTokens: most }) },
        ...(continuation.withoutThinking === true ? { reasoning: { mode: "off" } } : {}),
      };
    },
  };
}

/** Of the most tokens that an answer may have, those that are left; undefined where nobody bounds it. */
export function tokensLeft(most: number | undefined, { tokens }: AnswerSoFar): number | undefined {
  return most === undefined ? undefined : Math.max(1, most - tokens);
}
