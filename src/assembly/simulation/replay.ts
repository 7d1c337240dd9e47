import type { RecordedRows } from "../../ledger/requests/recorded-calls.ts";
import { targetOf } from "../../routing/target.ts";
import type { TargetState, Ticket } from "../../routing/target-state.ts";
import { type RecordedAttempt, type RecordedCall, recordedCall } from "./recorded-call.ts";
import { SimulatedCall, type SimulatedResult } from "./simulated-call.ts";
import type { World } from "./world.ts";

/** Who hears what comes of the calls. */
export interface ReplayListener {
  simulated(result: SimulatedResult): void;
  /** A call that never came as far as a choice: what ended it is no matter of a configuration. */
  leftOut(call: RecordedCall): void;
}

/** Targets are chosen after requests have come; clocks and ids differ by so much at most. */
const AHEAD_MS = 2_000;

/** Refusals for which the configuration and the policies decide. */
const DECIDED_BY_CONFIGURATION: ReadonlySet<string | undefined> = new Set([
  "no_target",
  "unknown_model",
  "ambiguous_model",
  "model_not_allowed",
  "operation_not_allowed",
  "unpriced_model",
]);

/** Lets the calls of the past come again, in their order. */
export function replay(world: World, rows: Iterable<RecordedRows>, listener: ReplayListener): void {
  const { events } = world;
  for (const row of rows) {
    const call = recordedCall(row);
    if (call === undefined) continue;
    events.runBefore(call.receivedAtMs - AHEAD_MS);
    if (cameToChoice(call)) events.at(call.atMs, () => begin(world, call, listener));
    else listener.leftOut(call);
  }
  events.runBefore(Number.POSITIVE_INFINITY);
}

function cameToChoice({ attempts, routing, errorCode }: RecordedCall): boolean {
  const wasTried = attempts.length > 0 || (routing?.tried.length ?? 0) > 0;
  return wasTried || DECIDED_BY_CONFIGURATION.has(errorCode);
}

function begin(world: World, call: RecordedCall, listener: ReplayListener): void {
  const simulated = new SimulatedCall(world, call, (result) => listener.simulated(result));
  simulated.begin();
  for (const copy of call.copies) copyBeside(world, call, copy);
  if (simulated.unmatched.length === 0) return;
  for (const attempt of call.attempts) {
    world.events.at(attempt.startedAtMs + attempt.totalMs, () => {
      if (simulated.unmatched.includes(attempt)) learnBeside(world, call, attempt);
    });
  }
}

/**
 * A call that was made and would not have been made now: how the target was at that time is known from it all the same.
 * So a choice that was another than it had been leads nothing after it astray.
 */
function learnBeside(world: World, call: RecordedCall, attempt: RecordedAttempt): void {
  world.outcomes.note(attempt);
  end(world, call, attempt, stateOf(world, call, attempt)?.enter(0));
}

/** A copy had its place with its target for as long as it took. */
function copyBeside(world: World, call: RecordedCall, copy: RecordedAttempt): void {
  const { events } = world;
  events.at(copy.startedAtMs, () => {
    const ticket = stateOf(world, call, copy)?.enter(0);
    events.at(copy.startedAtMs + copy.totalMs, () => {
      world.outcomes.note(copy);
      end(world, call, copy, ticket);
    });
  });
}

function end(
  world: World,
  { stream }: RecordedCall,
  attempt: RecordedAttempt,
  ticket: Ticket | undefined,
): void {
  const { firstTokenMs, totalMs, failure, usage } = attempt;
  ticket?.end({ failure, firstTokenMs, totalMs, usage, stream }, world.events.nowMs);
}

/** Undefined where the configuration has no such provider. */
function stateOf(
  world: World,
  call: RecordedCall,
  { provider, target, model }: RecordedAttempt,
): TargetState | undefined {
  const upstream = world.snapshot.upstreams.get(provider);
  if (upstream === undefined) return undefined;
  const credential = call.routing?.tried.find((tried) => tried.target === target)?.credential;
  const own = upstream.pool?.find(({ credentialName }) => credentialName === credential) ?? upstream;
  return world.routing.targets.of(targetOf(own, model));
}
