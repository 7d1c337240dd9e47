import type { Reply } from "../../gateway/incoming-call.ts";
import { findModel, type ListedModel, listModels } from "../../gateway/models.ts";
import type { Parts } from "../../gateway/parts.ts";
import { clientDialect } from "../client-dialect.ts";
import type { RouteEntry, Visit } from "../route-table.ts";
import { anthropicPage, asAnthropicModel } from "./anthropic-models.ts";

/** Groq's SDK puts `/openai` before the path, whatever base URL it is given. */
const LIST_PATHS = ["/v1/models", "/openai/v1/models"];

/** A model's name may be a provider, a maker and a name: as many segments as a client that doesn't escape them sends. */
const MODEL_PATHS = LIST_PATHS.flatMap((path) => [`${path}/:a`, `${path}/:a/:b`, `${path}/:a/:b/:c`]);

/**
 * Model lists, in OpenAI's form (https://platform.openai.com/docs/api-reference/models), or in Anthropic's for a client
 * that speaks it.
 */
export function modelRoutes(parts: Parts): RouteEntry[] {
  const list = LIST_PATHS.map(
    (path): RouteEntry => ({
      method: "GET",
      path,
      dialect: "openai-chat",
      isShared: true,
      access: "virtual-key",
      handle: async (visit, caller) => {
        const models = listModels(parts.snapshot(), caller);
        return json(isAnthropic(visit) ? anthropicPage(models, queryOf(visit)) : openaiList(models));
      },
    }),
  );
  const one = MODEL_PATHS.map(
    (path): RouteEntry => ({
      method: "GET",
      path,
      dialect: "openai-chat",
      isShared: true,
      access: "virtual-key",
      handle: async (visit, caller) => {
        const model = findModel(parts.snapshot(), caller, modelName(visit));
        return json(isAnthropic(visit) ? asAnthropicModel(model) : asOpenAI(model));
      },
    }),
  );
  return [...list, ...one];
}

function modelName(visit: Visit): string {
  return visit.parameters.join("/");
}

function isAnthropic({ request }: Visit): boolean {
  return clientDialect(request.headers, "openai-chat") === "anthropic-messages";
}

function queryOf({ request }: Visit): URLSearchParams {
  return new URL(request.url).searchParams;
}

function openaiList(models: readonly ListedModel[]): object {
  return { object: "list", data: models.map(asOpenAI) };
}

/** OpenAI's own say nothing of sizes; Groq's do, in these words (https://console.groq.com/docs/api-reference#models). */
function asOpenAI({ name, owner, contextWindow, outputLimit }: ListedModel): object {
  return {
    id: name,
    object: "model",
    created: 0,
    owned_by: owner,
    ...(contextWindow !== undefined && { context_window: contextWindow }),
    ...(outputLimit !== undefined && { max_completion_tokens: outputLimit }),
  };
}

function json(value: object): Reply {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
