import type { NumberPath } from "../../model/dialect.ts";
import type { OriginalRequest } from "../../model/inference-request.ts";
import type { Quirks } from "../../model/quirks.ts";

const BOUNDS = ["max_completion_tokens", "max_tokens"] as const;

/** Servers differ in which of the two they go by, so each that is there is meant. */
export function outputBounds({ spanOf }: OriginalRequest, quirks: Quirks): readonly NumberPath[] {
  const given = BOUNDS.filter((name) => spanOf(name) !== undefined);
  return given.length === 0 ? [[quirks.outputBound ?? "max_tokens"]] : given.map((name) => [name]);
}
