import { asGatewayError } from "../model/gateway-error.ts";
import type { Choice, FailedChoice } from "../routing/plan.ts";
import { silenceBeforeHedge } from "../routing/silence-before-hedge.ts";
import type { LiveCall } from "./live-call.ts";
import type { Attempting, Outcome, PlannedRoute } from "./planned-route.ts";

type End<Answer> = { readonly answer: Answer } | { readonly failed: FailedChoice };

/**
 * Calls a target, and where it is silent for longer than nearly all calls of the route, another beside it. The first to
 * answer wins: it has claimed the call, and the other was given up by that.
 */
export async function hedged<Answer>(
  call: LiveCall,
  { settings, state, plan }: PlannedRoute,
  choice: Choice,
  attempt: Attempting<Answer>,
): Promise<Outcome<Answer>> {
  const { hedge } = settings;
  const waits = state.firstTokenOf(call.request.stream);
  const { clock } = call.parts.routing;
  const startedAtMs = clock();
  if (choice.reason === "first") state.hedges.called(startedAtMs);
  const first = end(choice, attempt(choice));
  const afterMs = hedge && silenceBeforeHedge(hedge, state, call.request.stream);
  const early = afterMs === undefined ? await first : await within(first, afterMs);
  const isHedging = early === undefined && hedge !== undefined;
  const mayHedge = isHedging && state.hedges.take(hedge.percent / 100, 0, clock());
  const other = mayHedge && call.canPayAnother(true) ? plan.beside() : undefined;
  if (other === undefined) {
    const ended = early ?? (await first);
    if ("answer" in ended) waits.add(clock() - startedAtMs);
    return outcomeOf([ended]);
  }
  // It counts as slow whoever wins: else the slow ones, which hedges spare, would be forgotten.
  waits.add(clock() - startedAtMs);
  const second = end(other, attempt(other));
  const ended = await Promise.race([first, second]);
  if ("answer" in ended) return outcomeOf([ended]);
  return outcomeOf(await Promise.all([first, second]));
}

/** The promise's value if it comes within so long, else undefined. */
async function within<Value>(promise: Promise<Value>, limitMs: number): Promise<Value | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), limitMs);
  const value = await Promise.race([promise, over]);
  clearTimeout(timer);
  return value;
}

function end<Answer>(choice: Choice, attempt: Promise<Answer>): Promise<End<Answer>> {
  return attempt.then(
    (answer) => ({ answer }),
    (thrown) => ({ failed: { choice, failure: asGatewayError(thrown) } }),
  );
}

function outcomeOf<Answer>(ends: readonly End<Answer>[]): Outcome<Answer> {
  const failed: FailedChoice[] = [];
  for (const ended of ends) {
    if ("answer" in ended) return ended;
    failed.push(ended.failed);
  }
  return { failed };
}
