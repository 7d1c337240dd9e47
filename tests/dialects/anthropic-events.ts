import type { JsonObject } from "../../src/model/json.ts";

/** The events of a stream of Anthropic's, one builder each. */

export const start = (usage: JsonObject = { input_tokens: 3, output_tokens: 1 }): JsonObject => ({
  type: "message_start",
  message: { id: "msg_1", type: "message", role: "assistant", model: "claude-x", content: [], usage },
});

export const begin = (index: number, content_block: JsonObject): JsonObject => ({
  type: "content_block_start",
  index,
  content_block,
});

export const delta = (index: number, value: JsonObject): JsonObject => ({
  type: "content_block_delta",
  index,
  delta: value,
});

export const end = (index: number): JsonObject => ({ type: "content_block_stop", index });

export const stop = (stop_reason: string, usage: JsonObject = { output_tokens: 9 }): JsonObject => ({
  type: "message_delta",
  delta: { stop_reason, stop_sequence: null },
  usage,
});

export const DONE = { type: "message_stop" };
