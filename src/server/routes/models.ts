import type { Reply } from "../../gateway/incoming-call.ts";
import { findModel, type ListedModel, listModels } from "../../gateway/models.ts";
import type { Parts } from "../../gateway/parts.ts";
import type { RouteEntry, Visit } from "../route-table.ts";

/** Groq's SDK puts `/openai` before the path, whatever base URL it is given. */
const LIST_PATHS = ["/v1/models", "/openai/v1/models"];

/** A model's name may be a provider, a maker and a name: as many segments as a client that doesn't escape them sends. */
const MODEL_PATHS = LIST_PATHS.flatMap((path) => [`${path}/:a`, `${path}/:a/:b`, `${path}/:a/:b/:c`]);

/** Model lists, in OpenAI's form (https://platform.openai.com/docs/api-reference/models). */
export function modelRoutes(parts: Parts): RouteEntry[] {
  const list = LIST_PATHS.map(
    (path): RouteEntry => ({
      method: "GET",
      path,
      dialect: "openai-chat",
      access: "virtual-key",
      handle: async (_visit, caller) =>
        json({ object: "list", data: listModels(parts.snapshot(), caller).map(asOpenAI) }),
    }),
  );
  const one = MODEL_PATHS.map(
    (path): RouteEntry => ({
      method: "GET",
      path,
      dialect: "openai-chat",
      access: "virtual-key",
      handle: async (visit, caller) => json(asOpenAI(findModel(parts.snapshot(), caller, modelName(visit)))),
    }),
  );
  return [...list, ...one];
}

function modelName(visit: Visit): string {
  return visit.parameters.join("/");
}

function asOpenAI({ name, owner, contextWindow }: ListedModel): object {
  const model = { id: name, object: "model", created: 0, owned_by: owner };
  return contextWindow === undefined ? model : { ...model, context_window: contextWindow };
}

function json(value: object): Reply {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
