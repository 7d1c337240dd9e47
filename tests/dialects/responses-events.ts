import type { JsonObject } from "../../src/model/json.ts";

/** The events of a stream of Responses. */

export const delta = (text: string, rest: JsonObject = {}): JsonObject => ({
  type: "response.output_text.delta",
  output_index: 0,
  content_index: 0,
  item_id: "msg_1",
  delta: text,
  ...rest,
});

export const response = (output: readonly unknown[], rest: JsonObject = {}): JsonObject => ({
  object: "response",
  id: "resp_1",
  model: "m",
  created_at: 1,
  status: "completed",
  output,
  ...rest,
});

export const completed = (output: readonly unknown[] = [], rest: JsonObject = {}): JsonObject => ({
  type: "response.completed",
  response: response(output, rest),
});
