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
  /** How many stop sequences are taken. Absent: as many as the dialect's own vendor takes. */
  readonly maxStopSequences?: number;
}

/** Quirks of the models whose names fit one of the patterns (`*` for any run of characters); of all, where absent. */
export interface FamilyQuirks extends Quirks {
  readonly models?: readonly string[];
}
