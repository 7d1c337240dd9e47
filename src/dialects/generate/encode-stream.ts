import type { Receipt, StreamEncoder } from "../../model/dialect.ts";
import type { FinishReason, StreamEvent } from "../../model/stream-event.ts";
import { encodeTextDelta, isShown } from "./blocks/text.ts";
import { encodeAnswer } from "./encode-response.ts";

/** An encoder for one stream: `delta` events with text, then one `done` with the whole answer. */
export function openStreamEncoder(): StreamEncoder {
  return new GenerateStreamEncoder();
}

class GenerateStreamEncoder implements StreamEncoder {
  readonly #shown = new Set<number>();
  #text = "";
  #reason: FinishReason | undefined;

  encode(event: StreamEvent): string {
    switch (event.type) {
      case "block-start":
        if (event.choice === 0 && isShown(event.block)) this.#shown.add(event.index);
        return "";
      case "block-delta":
        return event.choice === 0 && this.#shown.has(event.index) ? this.#delta(event.text) : "";
      case "finish":
        if (event.choice === 0) this.#reason = event.reason;
        return "";
      default:
        return "";
    }
  }

  close(receipt: Receipt): string {
    return `event: done\ndata: ${encodeAnswer(this.#text, this.#reason, receipt)}\n\n`;
  }

  #delta(text: string): string {
    if (text === "") return "";
    this.#text += text;
    return encodeTextDelta(text);
  }
}
