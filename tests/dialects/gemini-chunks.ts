import type { JsonObject } from "../../src/model/json.ts";

/** The chunks of a stream of Google's. */

export const candidate = (
  parts: readonly JsonObject[],
  finishReason?: string,
  index?: number,
): JsonObject => ({
  content: { role: "model", parts },
  ...(finishReason !== undefined && { finishReason }),
  ...(index !== undefined && { index }),
});

export const chunk = (...candidates: readonly JsonObject[]): JsonObject => ({
  candidates,
  responseId: "r1",
  modelVersion: "gemini-x",
});

export const said = (text: string): JsonObject => chunk(candidate([{ text }]));
export const stop = chunk(candidate([{ text: "" }], "STOP"));
