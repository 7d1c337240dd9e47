import type { JsonObject } from "../../model/json.ts";

/** One output item while it arrives. Whatever of it is missing or comes twice: `done` gives what was not given before. */
export interface ItemDecoder {
  /** A fragment of the item: an event that names it. */
  take(type: string, event: JsonObject): void;
  /** The item as it is in the end; undefined where it never came. */
  done(item: JsonObject | undefined): void;
}
