import { decodeResponse } from "../../src/dialects/bedrock-converse/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/bedrock-converse/decode-stream.ts";
import { openFraming } from "../../src/dialects/bedrock-converse/event-stream/framing.ts";
import { type AnswerForm, PLAIN_FORM } from "../../src/model/dialect.ts";
import type { InferenceResponse } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { encodeRecordedEvent } from "../upstream/amazon-event-stream.ts";

/** The events of a stream's messages, through the binary framing. */
export function decodeStream(
  lines: readonly unknown[],
  form: AnswerForm = PLAIN_FORM,
): readonly StreamEvent[] {
  const decoder = openStreamDecoder(form);
  const framing = openFraming();
  const events: StreamEvent[] = [];
  for (const line of lines) {
    const text = typeof line === "string" ? line : JSON.stringify(line);
    framing.push(encodeRecordedEvent(text), ({ data, event }) => events.push(...decoder.step(data, event)));
  }
  return [...events, ...decoder.end()];
}

/** A whole answer as Converse gives it. */
export const answer = (content: readonly JsonObject[], rest: JsonObject = {}): JsonObject => ({
  output: { message: { role: "assistant", content } },
  stopReason: "end_turn",
  usage: { inputTokens: 1, outputTokens: 2 },
  ...rest,
});

/** What such an answer says, in canonical words. */
export const whole = (content: readonly JsonObject[], rest: JsonObject = {}): InferenceResponse =>
  decodeResponse(answer(content, rest), PLAIN_FORM);

/** The last events of a stream: why it ends, and what it used. */
export const STOP = { messageStop: { stopReason: "end_turn" } };
export const METADATA = { metadata: { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } } };
