import type { ToolCallPart } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import type { Quirks } from "../../../model/quirks.ts";
import type { Signature } from "../../../model/signature.ts";
import { textMember } from "../../json/members.ts";
import { carriedSignature, carrySignature } from "../../translation/carried-signature.ts";
import { fitToolCallId } from "../../translation/tool-call-id.ts";
import type { WireToolCall, WireToolCallDelta } from "../wire.ts";

/** What one entry of `tool_calls` says, whole or a fragment. */
export interface ToolCallFragment {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly arguments: string;
  /** A custom tool's call, whose input is free text. */
  readonly freeForm: boolean;
  readonly signature: Signature | undefined;
}

/** Reads an entry of `tool_calls`. */
export function readToolCall(call: JsonObject): ToolCallFragment {
  const index = call["index"];
  const body = call["function"] ?? call["custom"];
  const called: JsonObject = isJsonObject(body) ? body : {};
  return {
    index: typeof index === "number" ? index : undefined,
    id: textMember(call, "id"),
    name: textMember(called, "name"),
    arguments: argumentsText(called["arguments"] ?? called["input"]),
    freeForm: isJsonObject(call["custom"]),
    signature: readSignature(call),
  };
}

/** A tool call of an earlier turn. */
export function decodeToolCallPart(call: JsonObject): ToolCallPart {
  const { id, name, arguments: text, freeForm, signature } = readToolCall(call);
  return {
    kind: "tool-call",
    id: id ?? "",
    name: name ?? "",
    arguments: text,
    ...(freeForm && { freeForm }),
    ...(signature && { signature }),
  };
}

const ANY_ID = /^/;

/** The id of a call as the provider takes it: calls of earlier turns may be another vendor's. */
export function toolCallId(id: string, quirks: Quirks): string {
  return fitToolCallId(id, ANY_ID, quirks);
}

/** A whole tool call. Clients parse a function's arguments as JSON, so none at all is an empty object. */
export function encodeToolCall(call: Omit<ToolCallPart, "kind">): WireToolCall {
  const { id, name, arguments: text, freeForm, signature } = call;
  if (freeForm === true)
    return { id, type: "custom", custom: { name, input: text }, ...encodeSignature(signature) };
  const called = { name, arguments: text === "" ? "{}" : text };
  return { id, type: "function", function: called, ...encodeSignature(signature) };
}

/** The delta that begins a tool call. */
export function encodeToolCallStart(
  index: number,
  { id, name, freeForm }: Pick<ToolCallPart, "id" | "name" | "freeForm">,
): WireToolCallDelta {
  if (freeForm === true) return { index, id, type: "custom", custom: { name, input: "" } };
  return { index, id, type: "function", function: { name, arguments: "" } };
}

/** The delta that continues one. */
export function encodeToolCallArguments(index: number, text: string, freeForm: boolean): WireToolCallDelta {
  return freeForm ? { index, custom: { input: text } } : { index, function: { arguments: text } };
}

/** The delta that brings a call's proof. */
export function encodeToolCallSignature(index: number, signature: Signature): WireToolCallDelta {
  return { index, ...encodeSignature(signature) };
}

/**
 * Google signs calls, and its own compatible endpoint carries the proof here
 * (https://ai.google.dev/gemini-api/docs/thought-signatures, "OpenAI compatibility").
 */
function readSignature(call: JsonObject): Signature | undefined {
  const extra = call["extra_content"];
  const google = isJsonObject(extra) ? extra["google"] : undefined;
  const text = isJsonObject(google) ? textMember(google, "thought_signature") : undefined;
  return text === undefined ? undefined : carriedSignature(text, "google");
}

function encodeSignature(signature: Signature | undefined): Pick<WireToolCall, "extra_content"> {
  if (signature === undefined) return {};
  return { extra_content: { google: { thought_signature: carrySignature(signature, "google") } } };
}

/** Some servers give the arguments as an object instead of its text. */
function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return isJsonObject(value) ? JSON.stringify(value) : "";
}
