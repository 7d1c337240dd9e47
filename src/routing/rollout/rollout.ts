import type { GatewayError } from "../../model/gateway-error.ts";
import type { RollbackSettings } from "../../model/route-settings.ts";
import { effectOf } from "../health/failure-effect.ts";
import { MoreFailures } from "./more-failures.ts";
import { SlowerAnswers } from "./slower-answers.ts";

/** How a call's first attempt went. */
export interface FirstAttempt {
  readonly target: string;
  readonly failure: GatewayError | undefined;
  /** To the first token; of answers that come whole, to all of it. */
  readonly tookMs: number;
  readonly stream: boolean;
}

/**
 * A canary under watch: it is given up by itself, for good, when it fails more often than the control or is slower than
 * is borne. Whether it is, is looked at after every call, and a canary that is no worse is given up with a chance of at
 * most `falseAlarm`.
 */
export class Rollout {
  readonly #canary: string;
  readonly #failures: MoreFailures;
  readonly #slowness: SlowerAnswers;
  #because: string | undefined;

  constructor(canary: string, { falseAlarm, tolerance }: RollbackSettings) {
    this.#canary = canary;
    this.#failures = new MoreFailures(falseAlarm / 2);
    this.#slowness = new SlowerAnswers(falseAlarm / 2, tolerance);
  }

  /** Why the canary was given up, as the rest of a sentence about it; undefined while it wasn't. */
  get givenUpBecause(): string | undefined {
    return this.#because;
  }

  /** Takes how a call went; true where the canary is given up by that. */
  note(isCanary: boolean, { target, failure, tookMs, stream }: FirstAttempt): boolean {
    const effect = effectOf(failure);
    // A canary that rests was not asked: another target's end says nothing about it.
    const isStranger = isCanary !== (target === this.#canary);
    if (isStranger || effect === "nothing" || effect === "silent" || this.#because !== undefined)
      return false;
    const isFailure = effect !== "well";
    const isTimed = failure === undefined;
    this.#failures.note(isCanary, isFailure);
    if (isTimed) this.#slowness.note(isCanary, tookMs, stream);
    this.#because = this.#judge();
    return this.#because !== undefined;
  }

  #judge(): string | undefined {
    if (this.#failures.evidence.isEnough) return "it fails more often than the others";
    return this.#slowness.evidence.isEnough ? "it is slower than the others" : undefined;
  }
}
