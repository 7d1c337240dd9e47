import type { Receipt } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { Choice, InferenceResponse } from "../../model/inference-response.ts";
import { usageToWire } from "../openai-chat/usage.ts";
import { isText } from "./blocks/text.ts";
import { encodeTokenProbabilities } from "./blocks/token-probabilities.ts";
import { promptOf } from "./decode-conversation.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import type { WireChoice, WireCompletion } from "./wire.ts";

/** A whole answer as a completion (https://platform.openai.com/docs/api-reference/completions/object). */
export function encodeResponse(
  response: InferenceResponse,
  request: InferenceRequest<"chat">,
  receipt: Receipt,
): string {
  const echo = echoOf(request);
  const completion: WireCompletion = {
    id: response.id ?? `cmpl-${receipt.requestId}`,
    object: "text_completion",
    created: response.createdAtS ?? Math.floor(Date.now() / 1000),
    model: response.model ?? receipt.model,
    choices: response.choices.map((choice, index) => encodeChoice(choice, index, echo)),
    usage: usageToWire(response.usage ?? receipt.usage),
  };
  return JSON.stringify(completion);
}

/** What an answer begins with: its prompt, where the client asks for that (`echo`). */
export function echoOf({ original }: InferenceRequest<"chat">): string {
  const body = original?.body ?? {};
  return body["echo"] === true ? (promptOf(body) ?? "") : "";
}

function encodeChoice({ blocks, finishReason }: Choice, index: number, echo: string): WireChoice {
  const texts = blocks.filter(isText);
  return {
    text: echo + texts.map(({ text }) => text).join(""),
    index,
    logprobs: encodeTokenProbabilities(
      texts.flatMap(({ tokenProbabilities = [] }) => tokenProbabilities),
      echo.length,
    ),
    finish_reason: finishReasonToWire(finishReason),
  };
}
