import type { GatewayError } from "../../model/gateway-error.ts";
import { effectOf } from "../../routing/health/failure-effect.ts";
import { seededRandom } from "../../routing/seeded-random.ts";
import type { RecordedAttempt, RecordedCall } from "./recorded-call.ts";

/** How a call upstream goes. */
export interface Outcome {
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
  readonly failure: GatewayError | undefined;
}

/** So many of a target's last calls stand for how its next one would have gone. */
const KEPT = 32;
/** Where nothing at all is known. */
const USUAL_MS = 1_000;

/**
 * How calls would have gone that were never made: as one of the last that were made to the same target, by chance; to a
 * target that nobody called, as the call itself went elsewhere. The request's own faults go with it wherever it goes.
 */
export class LikelyOutcomes {
  readonly #last = new Map<string, Outcome[]>();

  /** A call that was made has ended. */
  note({ target, firstTokenMs, totalMs, failure }: RecordedAttempt): void {
    if (!tellsOfTarget(failure)) return;
    const kept = this.#last.get(target) ?? [];
    kept.push({ firstTokenMs, totalMs, failure });
    if (kept.length > KEPT) kept.shift();
    this.#last.set(target, kept);
  }

  /** Whether any call to that target was seen. */
  knows(target: string): boolean {
    return this.#last.has(target);
  }

  guess(call: RecordedCall, target: string): Outcome {
    const own = call.attempts.find(({ failure }) => failure?.errorClass === "caller");
    if (own !== undefined) return own;
    const kept = this.#last.get(target);
    if (kept === undefined) return asElsewhere(call);
    const place = Math.floor(seededRandom(`${call.id}/${target}`)() * kept.length);
    return kept[place] ?? asElsewhere(call);
  }
}

function asElsewhere({ attempts }: RecordedCall): Outcome {
  const answered = attempts.find(({ failure }) => failure === undefined);
  return {
    firstTokenMs: answered?.firstTokenMs,
    totalMs: answered?.totalMs ?? USUAL_MS,
    failure: undefined,
  };
}

/** Ends that others caused, and faults of the request, say nothing about the next call. */
function tellsOfTarget(failure: GatewayError | undefined): boolean {
  const effect = effectOf(failure);
  return effect === "well" ? failure === undefined : effect !== "silent" && effect !== "nothing";
}
