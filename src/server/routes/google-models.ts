import type { Reply } from "../../gateway/incoming-call.ts";
import { findModel, type ListedModel, listModels } from "../../gateway/models.ts";
import type { Parts } from "../../gateway/parts.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { Operation } from "../../model/operation.ts";
import type { RouteEntry, Visit } from "../route-table.ts";
import { GOOGLE_MODEL_LISTS, googleModelPaths } from "./google-paths.ts";

/** As many models as a page has where none is said, and at most (https://ai.google.dev/api/models#method:-models.list). */
const USUAL_PAGE = 50;
const LARGEST_PAGE = 1_000;

/** What Google calls each operation. */
const METHODS: { readonly [O in Operation]?: readonly string[] } = {
  chat: ["generateContent", "streamGenerateContent"],
  "count-tokens": ["countTokens"],
  embedding: ["embedContent", "batchEmbedContents"],
};

/** Model lists, in Google's form (https://ai.google.dev/api/models). */
export function googleModelRoutes(parts: Parts): RouteEntry[] {
  const list = GOOGLE_MODEL_LISTS.map(
    (path): RouteEntry => ({
      method: "GET",
      path,
      dialect: "gemini",
      access: "virtual-key",
      handle: async (visit, caller) => json(pageOf(listModels(parts.snapshot(), caller), visit)),
    }),
  );
  const one = GOOGLE_MODEL_LISTS.flatMap(googleModelPaths).map(
    (path): RouteEntry => ({
      method: "GET",
      path,
      dialect: "gemini",
      access: "virtual-key",
      handle: async (visit, caller) =>
        json(asGoogle(findModel(parts.snapshot(), caller, visit.parameters.join("/")))),
    }),
  );
  return [...list, ...one];
}

function pageOf(models: readonly ListedModel[], { request }: Visit): object {
  const query = new URL(request.url).searchParams;
  const size = Math.min(numberIn(query, "pageSize", USUAL_PAGE) || USUAL_PAGE, LARGEST_PAGE);
  const start = numberIn(query, "pageToken", 0);
  const next = start + size;
  return {
    models: models.slice(start, next).map(asGoogle),
    ...(next < models.length && { nextPageToken: String(next) }),
  };
}

function numberIn(query: URLSearchParams, name: string, usual: number): number {
  const text = query.get(name);
  if (text === null || text === "") return usual;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new GatewayError("invalid_request", {
    message: `\`${name}\` is not one that this list gave.`,
    field: name,
  });
}

function asGoogle({ name, owner, contextWindow, outputLimit, operations }: ListedModel): object {
  return {
    name: `models/${name}`,
    baseModelId: name,
    version: "",
    displayName: name,
    description: owner === "gatehouse" ? "A route of this gateway." : `Served by ${owner}.`,
    ...(contextWindow !== undefined && { inputTokenLimit: contextWindow }),
    ...(outputLimit !== undefined && { outputTokenLimit: outputLimit }),
    supportedGenerationMethods: operations.flatMap((operation) => METHODS[operation] ?? []),
  };
}

function json(value: object): Reply {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: JSON.stringify(value),
  };
}
