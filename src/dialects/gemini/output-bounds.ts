import type { NumberPath } from "../../model/dialect.ts";
import type { OriginalRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import { parseJsonBody } from "../json/json-body.ts";
import { isNameOf, objectOf } from "./members.ts";

const CONFIG = "generationConfig";
const BOUND = "maxOutputTokens";

/** Where a request bounds its output, by the names that the client spelled it with: a second spelling is refused. */
export function outputBounds({ bytes }: OriginalRequest): readonly NumberPath[] {
  const body = parseJsonBody(bytes).value;
  const outer = nameOf(body, CONFIG);
  return [[outer, nameOf(objectOf(body, CONFIG) ?? {}, BOUND)]];
}

function nameOf(object: JsonObject, name: string): string {
  return Object.keys(object).find((given) => isNameOf(given, name)) ?? name;
}
