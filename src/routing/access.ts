import type { Target, WeightedTarget } from "../model/snapshot.ts";
import { rendezvousScore } from "./rendezvous.ts";
import { targetOf } from "./target.ts";
import { type PromptSize, REST_KINDS, type Rest, type TargetState } from "./target-state.ts";
import type { TargetStates } from "./target-states.ts";

/** A way to call a target: with one of its provider's credentials. */
export interface Access {
  readonly target: Target;
  readonly state: TargetState;
  /** Why another is to be preferred; undefined where none is. */
  readonly rest: Rest | undefined;
}

/** A way that was tried. */
export interface TriedAccess {
  readonly target: Target;
}

/** What a way is chosen by. */
export interface AccessRequest {
  readonly states: TargetStates;
  readonly nowMs: number;
  readonly prompt: PromptSize;
  /** Those that were tried already. */
  readonly tried: readonly TriedAccess[];
  /** Decides between equals, the same way at each asking. */
  readonly seed: string;
}

/**
 * The best way to call a target that was not tried: one that doesn't rest, with the most room left by its rate limits,
 * and of equals the one with the fewest calls. Where all rest, the one that is hindered least. Undefined where all were
 * tried.
 */
export function bestAccess({ target }: WeightedTarget, request: AccessRequest): Access | undefined {
  const { pool } = target.upstream;
  if (pool === undefined) return accessOf(target, request);
  let best: Access | undefined;
  for (const upstream of pool) {
    const access = accessOf(targetOf(upstream, target.model), request);
    if (access !== undefined && (best === undefined || isBetter(access, best, request))) best = access;
  }
  return best;
}

/** The lesser hindrance is better, and then the one that is over first. */
export function compareRests(one: Rest | undefined, other: Rest | undefined): number {
  const rank = rankOf(one) - rankOf(other);
  return rank !== 0 ? rank : (one?.untilMs ?? 0) - (other?.untilMs ?? 0);
}

function rankOf(rest: Rest | undefined): number {
  return rest === undefined ? -1 : REST_KINDS.indexOf(rest.kind);
}

function accessOf(target: Target, { states, nowMs, prompt, tried }: AccessRequest): Access | undefined {
  if (wasTried(target, tried)) return undefined;
  const state = states.of(target);
  return { target, state, rest: state.rest(nowMs, prompt) };
}

/** Whether a target was tried with that credential. */
export function wasTried(target: Target, tried: readonly TriedAccess[]): boolean {
  for (const each of tried) if (each.target === target) return true;
  return false;
}

function isBetter(one: Access, other: Access, { nowMs, seed }: AccessRequest): boolean {
  const rests = compareRests(one.rest, other.rest);
  if (rests !== 0) return rests < 0;
  const room = one.state.room.share(nowMs) - other.state.room.share(nowMs);
  if (room !== 0) return room > 0;
  const load = loadOf(one) - loadOf(other);
  return load === 0 ? drawOf(one, seed) < drawOf(other, seed) : load < 0;
}

function loadOf({ target, state }: Access): number {
  return state.inFlight / (target.upstream.credentialWeight ?? 1);
}

function drawOf({ target: { upstream } }: Access, seed: string): number {
  return rendezvousScore(seed, upstream.credentialName ?? "", upstream.credentialWeight ?? 1);
}
