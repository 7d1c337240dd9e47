import type { CacheMarker } from "./content-part.ts";
import type { Continuation } from "./continuation.ts";
import type { ReasoningEffort } from "./conversation.ts";
import type { JsonObject } from "./json.ts";
import type { Feature } from "./loss.ts";
import type { ToolChoice } from "./tool.ts";
import type { Vendor } from "./vendor.ts";

/**
 * What a vendor, or one family of its models, does otherwise than the dialect it speaks. Every member may be absent;
 * what is meant then stands beside it.
 */
export interface Quirks {
  /** What is refused or ignored though the dialect has it: left out of a translated request, and reported as lost. */
  readonly lacks?: readonly Feature[];
  /** What is taken though the dialect's own vendor has no such thing. */
  readonly has?: readonly Feature[];
  /** Whose signatures are carried. Absent: as the dialect has it. */
  readonly signatures?: readonly Vendor[];
  /** OpenAI's chat: where reasoning of earlier turns is put. Absent: `reasoning_content`. */
  readonly reasoningHistory?: "reasoning_content" | "reasoning" | "reasoning_details" | "thinking-part";
  /** OpenAI's chat: each turn of the assistant must have its reasoning, if an empty one. Absent: only where it has one. */
  readonly reasoningHistoryRequired?: boolean;
  /** OpenAI's chat: the member that names the end user. Absent: `user`. */
  readonly endUserMember?: "user" | "safety_identifier";
  /** OpenAI's chat: the member that bounds the output. Absent: `max_tokens`, which all servers know. */
  readonly outputBound?: "max_tokens" | "max_completion_tokens";
  /** The role in which instructions are given. Absent: `system`. */
  readonly instructionRole?: "system" | "developer" | "user";
  /**
   * How a JSON schema is asked for. Absent: as the dialect has it. `tool`: as the arguments of a tool that must be called;
   * `prompt`: the model is told of it, and any JSON object is asked for.
   */
  readonly jsonSchema?: "native" | "tool" | "prompt";
  /**
   * How reasoning is asked for. Absent: as the dialect has it. `adaptive`: an effort, the budget being the model's own
   * choice; `switch`: on or off, how hard being the model's own choice.
   */
  readonly reasoningBy?: "effort" | "budget" | "adaptive" | "level" | "switch";
  /** The tokens that reasoning may be granted, and whether none at all may be. Absent: any number. */
  readonly reasoningBudget?: { readonly least: number; readonly most: number; readonly off: boolean };
  /**
   * OpenAI's chat: what switches thinking on and off. Absent: `reasoning_effort` alone, `none` being off. `thinking`:
   * `{"thinking": {"type"}}`; `enable_thinking`: a member of that name; `reasoning`: `{"reasoning": {"enabled"}}`.
   */
  readonly thinkingSwitch?: "thinking" | "enable_thinking" | "reasoning";
  /** The efforts that are taken; another is moved to the next one below, or to the lowest. Absent: all. */
  readonly efforts?: readonly ReasoningEffort[];
  /** Anthropic's thinking: how it is switched off. Absent: `disabled`. `never`: it can't be, only lowered. */
  readonly thinkingOff?: "disabled" | "between_tools" | "never";
  /** True where the model thinks though nothing was said of it. */
  readonly thinksByDefault?: boolean;
  /** What is refused while the model reasons, though it is taken at the effort `none`. Absent: nothing. */
  readonly lacksWhileReasoning?: readonly Feature[];
  /** The effort that the model takes by itself, where none is asked for. Absent: it reasons. */
  readonly usualEffort?: ReasoningEffort;
  /**
   * The most tokens that an answer may have: a higher bound is lowered to it, and reported. Sent too where the dialect
   * demands a bound and the client gave none.
   */
  readonly outputLimit?: number;
  /** The highest temperature that is taken; a higher one is lowered to it, and reported. Absent: the dialect's. */
  readonly maxTemperature?: number;
  /** True where temperature and top-p exclude each other: of both, the temperature is sent. */
  readonly temperatureOrTopP?: boolean;
  /** The lifetimes of a cached beginning that are taken; for another the shortest is asked. Absent: all. */
  readonly cacheLifetimes?: readonly CacheMarker["ttl"][];
  /** Bedrock's Converse: where a family's own fields stand. Absent: as each member says. */
  readonly converse?: ConverseFields;
  /** How many stop sequences are taken. Absent: as many as the dialect's own vendor takes. */
  readonly maxStopSequences?: number;
  /** The kinds of tool choice that are taken; another is said by those, or left out and reported. Absent: all. */
  readonly toolChoices?: readonly ToolChoice["kind"][];
  /** The service tiers that are taken; another is left out and reported. Absent: all. */
  readonly serviceTierWords?: readonly string[];
  /** OpenAI's chat: the member that seeds the sampling. Absent: `seed`. */
  readonly seedMember?: "seed" | "random_seed";
  /** OpenAI's chat: how a stream comes by its usage. Absent: it must be asked for (`stream_options`). */
  readonly streamUsage?: "asked" | "unasked";
  /** OpenAI's chat: the part that holds a document. Absent: OpenAI's `file`. The others take addresses and bytes alike. */
  readonly documentForm?: "file" | "document_url" | "file_url";
  /** OpenAI's chat: how sound is put into its part. Absent: as OpenAI's object of data and format. */
  readonly audioForm?: "object" | "base64";
  /** Which ids of tool calls are taken; another is turned into one that is. Absent: those of the dialect. */
  readonly toolCallIds?: "any" | "nine-characters" | "none";
  /** OpenAI's chat: the member that marks a last turn of the assistant's as one to go on from. Absent: none is needed. */
  readonly prefillMember?: "prefix" | "partial";
  /** How an answer that broke off is gone on with. Absent, or `no`: it isn't. */
  readonly continues?: Continuation | "no";
  /** OpenAI's chat and Responses: members that each request carries, for what can't be left to the vendor's default. Absent: none. */
  readonly alsoSent?: JsonObject;
  /** Gemini: a JSON format beside functions. Absent: taken. */
  readonly jsonBesideTools?: "taken" | "refused";
  /** Gemini: a turn whose first call has no proof of Google's. Absent: taken. Where refused, Google's stand-in is sent. */
  readonly unsignedCalls?: "taken" | "refused";
  /**
   * Gemini: how a conversation with instructions or tools is put to be counted. Absent: `wrapped`, as a
   * `generateContentRequest`; `plain`: as a request to generateContent is.
   */
  readonly countedAs?: "wrapped" | "plain";
}

/** Where a family of Bedrock's models has what Converse has no common member for. */
export interface ConverseFields {
  /** How reasoning is asked for. Absent: by `outputConfig.effort`. */
  readonly reasoning?: "thinking" | "reasoning_effort" | "reasoning.effort" | "reasoningConfig";
  /** Absent: `top_k`. */
  readonly topK?: "top_k" | "k" | "inferenceConfig.topK";
  /** True where Claude's own `tool_choice` is understood: no tool at all, or one at a time. */
  readonly toolChoice?: boolean;
}

/** Quirks of the models whose names fit one of the patterns (`*` for any run of characters); of all, where absent. */
export interface FamilyQuirks extends Quirks {
  readonly models?: readonly string[];
}
