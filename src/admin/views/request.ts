import { z } from "zod";
import { routingOfRow } from "../../ledger/stored-routing.ts";
import { formatDollars, nanoDollars } from "../../model/money.ts";
import type { RoutingRecord } from "../../model/routing-record.ts";
import type { AttemptRow, RequestRow } from "../../storage/schema.ts";
import { momentShown, shownMoment } from "./moment.ts";

const outcome = z
  .string()
  .nullable()
  .describe("ok, failed, interrupted, cancelled or blocked; null while it is open");

const routingView = z
  .strictObject({
    tried: z
      .array(
        z.strictObject({
          target: z.string(),
          credential: z.string().nullable().describe("Its name, where the provider has several"),
          tier: z.int().describe("From 0"),
          reason: z.string().describe("first, fallback, last-resort, repeat, hedge or continuation"),
          score: z.number().nullable().describe("What the strategy made of it, the lowest first"),
        }),
      )
      .describe("In the order in which they were tried"),
    passed_over: z.array(z.strictObject({ target: z.string(), because: z.string() })),
    stopped: z
      .string()
      .nullable()
      .describe("attempts or retry-budget: why nothing further was tried, where something was left"),
  })
  .meta({ id: "Routing" });

function shownRouting({ tried, passedOver, stopped }: RoutingRecord): z.output<typeof routingView> {
  return {
    tried: tried.map(({ target, credential = null, tier, reason, score = null }) => ({
      target,
      credential,
      tier,
      reason,
      score,
    })),
    passed_over: passedOver.map(({ target, because }) => ({ target, because })),
    stopped: stopped ?? null,
  };
}

/** A request in an answer. */
export const requestView = z
  .strictObject({
    id: z.string(),
    received_at: momentShown,
    project: z.string(),
    key_id: z.string(),
    token_id: z.string().nullable().describe("The browser token that was used, if one was"),
    tags: z.record(z.string(), z.string()).describe("The key's, when the call was made"),
    operation: z.string(),
    dialect: z.string(),
    model: z.string().describe("As the client named it"),
    stream: z.boolean(),
    end_user: z.string().nullable(),
    outcome,
    status: z.int().nullable(),
    error_code: z.string().nullable(),
    error_class: z.string().nullable().describe("Of the attempt that answered, else of the last"),
    attempts: z.int(),
    provider: z
      .string()
      .nullable()
      .describe("Of the attempt that answered, else of the last; null where there was none"),
    provider_model: z.string().nullable().describe("The provider's own name of it"),
    input_tokens: z.int().nullable().describe("Of all attempts together"),
    output_tokens: z.int().nullable(),
    cost_usd: z.string().nullable().describe("Dollars, an exact decimal; null where none has a price"),
    billed_usd: z.string().nullable().describe("The cost with the project's markup"),
    first_token_ms: z.int().nullable(),
    total_ms: z.int().nullable(),
    warnings: z.array(z.string()).describe("What was carried out otherwise than it was asked"),
    route: z.string().nullable().describe("The route's alias; null where the request named a target"),
    arm: z.string().nullable().describe("The way that was taken, where the route divides its calls"),
    routing: routingView.nullable().describe("Null where there was nothing to choose"),
    replay_of: z
      .string()
      .nullable()
      .describe(
        "The request whose kept answer was given (Idempotency-Key): no call was made, nothing charged",
      ),
  })
  .meta({ id: "Request" });

/** One call upstream in an answer. */
export const attemptView = z
  .strictObject({
    id: z.string(),
    ordinal: z.int(),
    purpose: z
      .string()
      .nullable()
      .describe(
        "continuation: it went on with an answer that broke off; shadow: a copy whose answer nobody got, and which is not counted. Null: an answer from its beginning",
      ),
    started_at: momentShown,
    provider: z.string(),
    model: z.string(),
    outcome,
    upstream_status: z.int().nullable(),
    error_class: z.string().nullable(),
    error_code: z.string().nullable(),
    finish_reason: z.string().nullable(),
    usage_source: z.string().nullable().describe("reported or estimated"),
    input_tokens: z.int().nullable(),
    cached_input_tokens: z.int().nullable(),
    output_tokens: z.int().nullable(),
    reasoning_tokens: z.int().nullable(),
    service_tier: z.string().nullable().describe("The tier that served it, in the provider's word"),
    cost_usd: z.string().nullable().describe("Dollars, an exact decimal; null where it has no price"),
    billed_usd: z.string().nullable().describe("The cost with the project's markup"),
    first_token_ms: z.int().nullable(),
    total_ms: z.int().nullable(),
  })
  .meta({ id: "Attempt" });

/** A request as the API shows it. */
export function shownRequest(row: RequestRow): z.output<typeof requestView> {
  const routing = routingOfRow(row);
  return {
    id: row.id,
    received_at: shownMoment(row.received_at_ms),
    project: row.project,
    key_id: row.key_id,
    token_id: row.token_id,
    tags: row.tags === null ? {} : JSON.parse(row.tags),
    operation: row.operation,
    dialect: row.dialect,
    model: row.requested_model,
    stream: row.stream === 1,
    end_user: row.end_user,
    outcome: row.outcome,
    status: row.status,
    error_code: row.error_code,
    error_class: row.error_class,
    attempts: row.attempts,
    provider: row.provider,
    provider_model: row.model,
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    cost_usd: dollarsOrNull(row.cost_nanodollars),
    billed_usd: dollarsOrNull(row.billed_nanodollars),
    first_token_ms: row.first_token_ms,
    total_ms: row.total_ms,
    warnings: row.warnings === null ? [] : JSON.parse(row.warnings),
    route: row.route,
    arm: row.arm,
    routing: routing === undefined ? null : shownRouting(routing),
    replay_of: row.replay_of,
  };
}

/** A call upstream as the API shows it. */
export function shownAttempt(row: AttemptRow): z.output<typeof attemptView> {
  return {
    id: row.id,
    ordinal: row.ordinal,
    purpose: row.purpose,
    started_at: shownMoment(row.started_at_ms),
    provider: row.provider,
    model: row.model,
    outcome: row.outcome,
    upstream_status: row.upstream_status,
    error_class: row.error_class,
    error_code: row.error_code,
    finish_reason: row.finish_reason,
    usage_source: row.usage_source,
    input_tokens: row.input_tokens,
    cached_input_tokens: row.cached_input_tokens,
    output_tokens: row.output_tokens,
    reasoning_tokens: row.reasoning_tokens,
    service_tier: row.service_tier,
    cost_usd: dollarsOrNull(row.cost_nanodollars),
    billed_usd: dollarsOrNull(row.billed_nanodollars),
    first_token_ms: row.first_token_ms,
    total_ms: row.total_ms,
  };
}

function dollarsOrNull(amount: number | null): string | null {
  return amount === null ? null : formatDollars(nanoDollars(amount));
}
