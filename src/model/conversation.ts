import type { JsonObject } from "./json.ts";

/**
 * One part of a message. `other` carries a part that the client's dialect has and this model has no word for: it
 * survives towards the same dialect and is reported as lost towards any other.
 */
export type ContentPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "image"; readonly source: MediaSource; readonly detail?: string }
  | { readonly kind: "audio"; readonly source: MediaSource }
  | { readonly kind: "document"; readonly source: MediaSource; readonly name?: string }
  | { readonly kind: "reasoning"; readonly text: string; readonly signature?: string }
  | { readonly kind: "tool-call"; readonly id: string; readonly name: string; readonly arguments: string }
  | { readonly kind: "refusal"; readonly text: string }
  | { readonly kind: "other"; readonly dialect: string; readonly value: unknown };

/** Where the bytes of an image, sound or document are: an address, or base64 with its media type. */
export type MediaSource =
  | { readonly from: "url"; readonly url: string }
  | { readonly from: "base64"; readonly mediaType: string; readonly data: string }
  | { readonly from: "file"; readonly fileId: string };

/** One turn. A `tool` message answers the tool call whose id it names. */
export type Message =
  | {
      readonly role: "system" | "developer" | "user" | "assistant";
      readonly content: readonly ContentPart[];
      readonly name?: string;
    }
  | { readonly role: "tool"; readonly toolCallId: string; readonly content: readonly ContentPart[] };

/** A function that the model may call; `parameters` is its JSON Schema. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
}

/** Whether and which tool the model must call. */
export type ToolChoice =
  | { readonly kind: "auto" | "none" | "required" }
  | { readonly kind: "tool"; readonly name: string };

/** The form the answer must have. */
export type ResponseFormat =
  | { readonly kind: "text" | "json-object" }
  | {
      readonly kind: "json-schema";
      readonly name: string;
      readonly schema: JsonObject;
      readonly strict?: boolean;
    };

/** How the answer is drawn. Absent means: the provider's own default. */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxOutputTokens?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
}

/** Everything a chat request says, in canonical words. */
export interface Conversation {
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
  readonly reasoningEffort?: string;
  readonly sampling: Sampling;
  /** Members with no canonical place, by dialect: they reach an upstream of that same dialect. */
  readonly extensions: { readonly [dialect: string]: JsonObject };
}
