import type { Target, WeightedTarget } from "../model/snapshot.ts";
import type { Candidate } from "./strategies/strategy.ts";
import type { TargetState } from "./target-state.ts";
import type { TargetStates } from "./target-states.ts";

/** A target that is called with one credential only, and its state: what of a candidate is the same for all calls. */
export interface Standing extends Candidate {
  readonly target: Target;
  readonly state: TargetState;
}

const kept = new WeakMap<readonly WeightedTarget[], WeakMap<TargetStates, readonly Standing[]>>();

/** These targets are asked for as long as their configuration lasts: their states need be looked up only once. */
export function keepStanding(members: readonly WeightedTarget[]): void {
  const isPlain = members.every(({ target }) => target.upstream.pool === undefined);
  if (isPlain) kept.set(members, new WeakMap());
}

/** The targets with their states, in their order. Undefined where they have to be looked up at each call. */
export function standingOf(
  members: readonly WeightedTarget[],
  states: TargetStates,
): readonly Standing[] | undefined {
  const byStates = kept.get(members);
  const known = byStates?.get(states);
  if (byStates === undefined || known !== undefined) return known;
  const standing = members.map((member) => {
    const state = states.of(member.target);
    return { member, target: member.target, state, learnt: state.learnt };
  });
  byStates.set(states, standing);
  return standing;
}
