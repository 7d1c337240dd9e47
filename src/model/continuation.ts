import type { DialectId } from "./dialect-id.ts";
import type { JsonObject } from "./json.ts";

/**
 * How a model goes on with an answer that broke off: what there is of it is sent as a last turn of the assistant's, and
 * the model writes on from there.
 */
export interface Continuation {
  /** The dialects in which it can be asked for that. */
  readonly dialects: readonly DialectId[];
  /** OpenAI's chat: members of the request that say so. Absent: the last turn says it. */
  readonly members?: JsonObject;
  /** OpenAI's chat: a member of the last turn that says so, where that is not said of every one. */
  readonly turnMember?: "prefix" | "partial";
  /** Where it is asked, at the provider's origin. Absent: where everything is. */
  readonly path?: string;
  /** True where thinking must be switched off for it. */
  readonly withoutThinking?: boolean;
  /** True where the answer begins with what it was to go on from, or may. */
  readonly repeats?: boolean;
  /** True where a last turn that ends with white space is refused. */
  readonly refusesTrailingSpace?: boolean;
}
