import type { ContentPart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";

/** The thinking of a content item: `{"type": "thinking", "thinking"}`, or of a delta, `{"thinking"}`. */
export function readThinking(content: JsonObject): string {
  return typeof content["thinking"] === "string" ? content["thinking"] : "";
}

/**
 * The plan that a model makes before it calls tools: "a chain-of-thought style reflection", so reasoning
 * (https://docs.cohere.com/v2/reference/chat, "tool_plan").
 */
export function readToolPlan(message: JsonObject): string {
  return typeof message["tool_plan"] === "string" ? message["tool_plan"] : "";
}

/** What the model thought in an earlier turn that called no tool. */
export function encodeThinking(parts: readonly ContentPart[]): readonly JsonObject[] {
  const thinking = parts.map((part) => (part.kind === "reasoning" ? part.text : "")).join("");
  return thinking === "" ? [] : [{ type: "thinking", thinking }];
}

/** All that was said and thought in an earlier turn before its calls: Cohere has one place for it. */
export function encodeToolPlan(parts: readonly ContentPart[]): { readonly tool_plan?: string } {
  const said = parts.flatMap((part) =>
    part.kind === "reasoning" || part.kind === "text" ? [part.text] : [],
  );
  const plan = said.filter((text) => text !== "").join("\n");
  return plan === "" ? {} : { tool_plan: plan };
}
