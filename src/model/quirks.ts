import type { CacheMarker } from "./content-part.ts";
import type { ReasoningEffort } from "./conversation.ts";
import type { Feature } from "./loss.ts";
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
  readonly reasoningHistory?: "reasoning_content" | "reasoning" | "reasoning_details";
  /** OpenAI's chat: the member that names the end user. Absent: `user`. */
  readonly endUserMember?: "user" | "safety_identifier";
  /** OpenAI's chat: the member that bounds the output. Absent: `max_tokens`, which all servers know. */
  readonly outputBound?: "max_tokens" | "max_completion_tokens";
  /** The role in which instructions are given. Absent: `system`. */
  readonly instructionRole?: "system" | "developer" | "user";
  /** How a JSON schema is asked for. Absent: as the dialect has it. */
  readonly jsonSchema?: "native" | "tool";
  /** How reasoning is asked for. Absent: by effort. `adaptive`: an effort, the budget being the model's own choice. */
  readonly reasoningBy?: "effort" | "budget" | "adaptive" | "level";
  /** The efforts that are taken; another is moved to the next one below, or to the lowest. Absent: all. */
  readonly efforts?: readonly ReasoningEffort[];
  /** The most tokens that an answer may have, sent where the dialect demands a bound and the client gave none. */
  readonly outputLimit?: number;
  /** The highest temperature that is taken; a higher one is lowered to it, and reported. Absent: the dialect's. */
  readonly maxTemperature?: number;
  /** True where temperature and top-p exclude each other: of both, the temperature is sent. */
  readonly temperatureOrTopP?: boolean;
  /** True where the model can't be told that it must call a tool, nor which. */
  readonly toolsUnforced?: boolean;
  /** The form that the ids of tool calls must have; another is turned into one of that form. Absent: the dialect's. */
  readonly toolCallIds?: "nine-alphanumeric";
  /** The lifetimes of a cached beginning that are taken; for another the shortest is asked. Absent: all. */
  readonly cacheLifetimes?: readonly CacheMarker["ttl"][];
  /** Bedrock's Converse: where a family's own fields stand. Absent: as each member says. */
  readonly converse?: ConverseFields;
  /** How many stop sequences are taken. Absent: as many as the dialect's own vendor takes. */
  readonly maxStopSequences?: number;
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
