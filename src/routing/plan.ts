import type { GatewayError } from "../model/gateway-error.ts";
import type { RoutingRecord } from "../model/routing-record.ts";
import type { Target } from "../model/snapshot.ts";
import type { TargetState } from "./target-state.ts";

/** Why a target is tried. */
export type ChoiceReason = "first" | "fallback" | "last-resort" | "repeat" | "hedge" | "continuation";

/** A target to be tried. */
export interface Choice {
  /** With the credential to use. */
  readonly target: Target;
  readonly state: TargetState;
  readonly reason: ChoiceReason;
  /** To wait before, in milliseconds. */
  readonly waitMs: number;
}

/** A target that was tried, and the failure that it came to. */
export interface FailedChoice {
  readonly choice: Choice;
  readonly failure: GatewayError;
}

/**
 * What one request's attempts are made by. It is asked for one target at a time, because what is best may change while
 * an attempt is made.
 */
export interface Plan {
  /** The first target. Undefined where none may be used. */
  first(): Choice | undefined;
  /** The next target after one has failed, or two that were asked beside each other; undefined where that is to be told. */
  after(failed: readonly FailedChoice[]): Choice | undefined;
  /**
   * The next target after one has failed whose answer had begun; undefined where that is to be told. From then on only
   * targets that `mayContinue` says yes to are given, and none twice.
   */
  continued(failed: FailedChoice, mayContinue: (target: Target) => boolean): Choice | undefined;
  /** Another target to ask beside the one that is silent; undefined where none is well, or none may be asked. */
  beside(): Choice | undefined;
  /** What became of it, for the request's row; undefined where there was nothing to choose. */
  record(): RoutingRecord | undefined;
}
