import type { JsonObject } from "../../model/json.ts";
import type { AnswerBlocks } from "./answer-blocks.ts";
import { readGeneratedImage } from "./blocks/image.ts";
import { isCall } from "./blocks/tool-call.ts";
import { CallDecoder } from "./call-decoder.ts";
import type { ItemDecoder } from "./item-decoder.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { ReasoningDecoder } from "./reasoning-decoder.ts";

/** The decoder for an item of that type. */
export function itemDecoder(type: unknown, item: JsonObject | undefined, blocks: AnswerBlocks): ItemDecoder {
  if (type === "message") return new MessageDecoder(blocks);
  if (type === "reasoning") return new ReasoningDecoder(blocks);
  if (isCall(type)) return new CallDecoder(type === "custom_tool_call", item, blocks);
  return vendorItem(blocks);
}

/** What kind of item an event belongs to whose item was never announced. */
export function itemTypeOf(eventType: string): string {
  if (eventType.startsWith("response.reasoning_")) return "reasoning";
  if (eventType.startsWith("response.function_call_arguments.")) return "function_call";
  if (eventType.startsWith("response.custom_tool_call_input.")) return "custom_tool_call";
  return "message";
}

/** What a vendor's own tool did comes as one block, whole; a picture that it made, as that. */
function vendorItem(blocks: AnswerBlocks): ItemDecoder {
  return {
    take: () => {},
    done: (item) => {
      if (item === undefined) return;
      const source = item["type"] === "image_generation_call" ? readGeneratedImage(item) : undefined;
      if (source !== undefined) blocks.put({ kind: "image", source });
      else blocks.put({ kind: "other", dialect: "openai-responses", value: item });
    },
  };
}
