import type { Receipt } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { InferenceResponse } from "../../model/inference-response.ts";
import { unfold } from "../translation/unfold.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import { namespacedNames } from "./namespaces.ts";
import { OutputWriter } from "./output-writer.ts";
import { echoOf, responseObject } from "./response-object.ts";

/** A whole answer as a response object (https://platform.openai.com/docs/api-reference/responses/object). */
export function encodeResponse(
  response: InferenceResponse,
  request: InferenceRequest<"chat">,
  receipt: Receipt,
): string {
  const [choice = { blocks: [] }] = response.choices;
  const writer = new OutputWriter(() => {}, namespacedNames(request.original?.body?.["tools"]));
  for (const event of unfold(choice)) if ("index" in event) writer.take(event);
  const ending = finishReasonToWire(choice.finishReason, writer.hasRefusal);
  writer.end(ending.status === "incomplete" ? "incomplete" : "completed");
  return JSON.stringify(
    responseObject(echoOf(request), {
      id: response.id ?? `resp_${receipt.requestId}`,
      model: response.model ?? receipt.model,
      createdAtS: response.createdAtS ?? Math.floor(Date.now() / 1000),
      serviceTier: response.serviceTier,
      output: writer.output,
      usage: response.usage ?? receipt.usage,
      ...ending,
    }),
  );
}
