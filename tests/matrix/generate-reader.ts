import { SseFraming } from "../../src/dialects/stream/sse-framing.ts";
import type { StreamDecoder } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import type { FinishReason, StreamEvent } from "../../src/model/stream-event.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import type { Reader } from "./chat-dialects.ts";

/** Reads the simple contract as its clients do; no provider speaks it, so nothing else does. */
export const generateReader: Reader = {
  whole: (body) => fold(isJsonObject(body) ? eventsOf(body, true) : []),
  openDecoder: () => new GenerateDecoder(),
  openFraming: () => new SseFraming(4_000_000),
};

class GenerateDecoder implements StreamDecoder {
  ended = false;
  #hasText = false;

  step(data: string, event: string | undefined): readonly StreamEvent[] {
    const value: unknown = JSON.parse(data);
    if (!isJsonObject(value)) throw new Error(`no event of /generate: ${data}`);
    if (event === "done") {
      this.ended = true;
      const close = this.#hasText ? [{ type: "block-end", choice: 0, index: 0 } as const] : [];
      return [...close, ...eventsOf(value, false)];
    }
    const first = this.#hasText
      ? []
      : [{ type: "block-start", choice: 0, index: 0, block: { kind: "text" } } as const];
    this.#hasText = true;
    return [...first, { type: "block-delta", choice: 0, index: 0, text: String(value["text"]) }];
  }

  end(): readonly StreamEvent[] {
    if (!this.ended) throw new Error("a stream of /generate without its end");
    return [];
  }
}

const REASONS: { readonly [word: string]: FinishReason } = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  content_filter: "content-filter",
};

function eventsOf(
  { text, finish_reason: reason, usage }: JsonObject,
  isWhole: boolean,
): readonly StreamEvent[] {
  const counts = isJsonObject(usage) ? usage : {};
  const place = { choice: 0, index: 0 };
  return [
    ...(isWhole && typeof text === "string" && text !== ""
      ? ([
          { type: "block-start", ...place, block: { kind: "text" } },
          { type: "block-delta", ...place, text },
          { type: "block-end", ...place },
        ] as const)
      : []),
    {
      type: "usage",
      usage: {
        ...NO_USAGE,
        inputTokens: Number(counts["input_tokens"]),
        cachedInputTokens: Number(counts["cached_input_tokens"]),
        outputTokens: Number(counts["output_tokens"]),
        reasoningTokens: Number(counts["reasoning_tokens"]),
      },
    },
    { type: "finish", choice: 0, reason: REASONS[String(reason)] ?? "other", rawReason: String(reason) },
  ];
}
