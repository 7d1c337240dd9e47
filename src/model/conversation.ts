import type { Cacheable, ContentPart } from "./content-part.ts";
import type { DialectId } from "./dialect-id.ts";
import type { JsonObject } from "./json.ts";
import type { Tool, ToolChoice } from "./tool.ts";

/** One turn that is said. */
export interface SpokenMessage {
  readonly role: "system" | "developer" | "user" | "assistant";
  readonly content: readonly ContentPart[];
  readonly name?: string;
}

/** What a tool gave: answers the tool call whose id it names. */
export interface ToolMessage extends Cacheable {
  readonly role: "tool";
  readonly toolCallId: string;
  /** The tool's name, where the dialect says it; else it stands with the call. */
  readonly toolName?: string;
  readonly content: readonly ContentPart[];
  readonly isError?: boolean;
}

/** One turn. */
export type Message = SpokenMessage | ToolMessage;

/** The form the answer must have. */
export type ResponseFormat =
  | { readonly kind: "text" | "json-object" }
  | {
      readonly kind: "json-schema";
      readonly name: string;
      readonly description?: string;
      readonly schema: JsonObject;
      readonly strict?: boolean;
    };

/** How the answer is drawn. Absent means: the provider's own default. */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly maxOutputTokens?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
}

/** How hard the model is asked to think; vendors without a step have the next below it. */
export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** What is asked of the model's reasoning. Effort and budget say the same thing in two ways: either may be absent. */
export interface ReasoningRequest {
  /** Off, on, or as the model sees fit. Absent: as the effort or budget says. */
  readonly mode?: "off" | "on" | "adaptive";
  readonly effort?: ReasoningEffort;
  readonly budgetTokens?: number;
  /** Whether what the model thought is shown: not at all, or summed up. */
  readonly shown?: "none" | "auto" | "concise" | "detailed";
}

/**
 * A member that only the client's own dialect can carry out, and without which it would be another request: what the
 * provider keeps of earlier ones, or a way of asking that others don't have.
 */
export interface Untranslatable {
  readonly dialect: DialectId;
  readonly field: string;
  /** Why, as a sentence for the client. */
  readonly message: string;
  readonly mend: string;
}

/** Everything a chat request says, in canonical words. */
export interface Conversation {
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: ReasoningRequest;
  readonly verbosity?: "low" | "medium" | "high";
  readonly sampling: Sampling;
  /** How many answers; absent means one. */
  readonly choices?: number;
  /** Log probabilities are wanted, with so many alternatives per token. */
  readonly logProbabilities?: { readonly alternatives: number };
  /** Groups requests whose prompts begin alike, for the provider's cache. */
  readonly cacheKey?: string;
  /** The client's own notes to a request, which the provider keeps. */
  readonly metadata?: { readonly [name: string]: string };
  readonly serviceTier?: string;
  /** Whether the provider may keep the answer. */
  readonly store?: boolean;
  /** What makes the request one that no other dialect can carry out. */
  readonly untranslatable?: Untranslatable;
  /** Members with no canonical place, by dialect: they reach an upstream of that same dialect. */
  readonly extensions: { readonly [dialect: string]: JsonObject };
}
