import type { ListedModel } from "../../gateway/models.ts";
import { GatewayError } from "../../model/gateway-error.ts";

/** As many as Anthropic gives where none is asked for, and the most it gives. */
const USUAL_LIMIT = 20;
const MAX_LIMIT = 1_000;

/** Release dates are not known here; Anthropic's own answer says the epoch then. */
const UNKNOWN_DATE = "1970-01-01T00:00:00Z";

/** A model in Anthropic's form (https://platform.claude.com/docs/en/api/models). What is unknown is null. */
export function asAnthropicModel({ name, contextWindow, outputLimit }: ListedModel): object {
  return {
    type: "model",
    id: name,
    display_name: name,
    created_at: UNKNOWN_DATE,
    max_input_tokens: contextWindow ?? null,
    max_tokens: outputLimit ?? null,
    capabilities: null,
    lifecycle: "active",
    line: null,
    deprecated_at: null,
    retires_at: null,
  };
}

/** One page of models (https://platform.claude.com/docs/en/api/models-list). Throws `invalid_request`. */
export function anthropicPage(models: readonly ListedModel[], query: URLSearchParams): object {
  const limit = limitOf(query.get("limit"));
  const { from, to } = rangeOf(models, query, limit);
  const page = models.slice(from, to);
  const isBackwards = query.has("before_id");
  return {
    data: page.map(asAnthropicModel),
    has_more: isBackwards ? from > 0 : to < models.length,
    first_id: page[0]?.name ?? null,
    last_id: page.at(-1)?.name ?? null,
  };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function rangeOf(models: readonly ListedModel[], query: URLSearchParams, limit: number): Range {
  const after = query.get("after_id");
  const before = query.get("before_id");
  if (before !== null) {
    const to = indexOf(models, before, "before_id");
    return { from: Math.max(0, to - limit), to };
  }
  const from = after === null ? 0 : indexOf(models, after, "after_id") + 1;
  return { from, to: Math.min(models.length, from + limit) };
}

function indexOf(models: readonly ListedModel[], id: string, field: string): number {
  const index = models.findIndex(({ name }) => name === id);
  if (index !== -1) return index;
  throw new GatewayError("invalid_request", { message: `There is no model "${id}" to go on from.`, field });
}

function limitOf(text: string | null): number {
  if (text === null) return USUAL_LIMIT;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new GatewayError("invalid_request", {
    message: `\`limit\` must be a whole number from 1 to ${MAX_LIMIT}.`,
    field: "limit",
  });
}
