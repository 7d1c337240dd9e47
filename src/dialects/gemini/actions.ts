import { GatewayError } from "../../model/gateway-error.ts";
import type { Operation } from "../../model/operation.ts";

/** What stands behind a model's name in the path, and what it asks for. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["generateContent", "chat"],
  ["streamGenerateContent", "chat"],
  ["countTokens", "count-tokens"],
  ["embedContent", "embedding"],
  ["batchEmbedContents", "embedding"],
]);

/** A path below `/models/`: `{model}:{action}`. The model's name may hold slashes and colons itself. */
export interface ModelAction {
  readonly model: string;
  readonly action: string;
}

/** Reads the end of a path. Throws `not_found` where it names no action that is served. */
export function readAction(pathRest: string): ModelAction & { readonly operation: Operation } {
  const colon = pathRest.lastIndexOf(":");
  const action = pathRest.slice(colon + 1);
  const operation = OPERATIONS.get(action);
  if (colon <= 0 || operation === undefined) {
    throw new GatewayError("not_found", {
      message: "The path does not end with an action that is served here.",
      mend: `Send it as \`models/{model}:{action}\`; actions are ${[...OPERATIONS.keys()].join(", ")}.`,
    });
  }
  return { model: pathRest.slice(0, colon), action, operation };
}

/** The operation that a path asks for. Throws as `readAction` does. */
export function operationAt(pathRest: string): Operation {
  return readAction(pathRest).operation;
}
