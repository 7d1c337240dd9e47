import { Evidence } from "./evidence.ts";

/** What is looked for: so much larger a share of failures. */
const LARGER_BY = 0.02;
/** How many calls the first guess at the canary's share of failures weighs. */
const GUESS_WEIGHT = 10;
const MOST = 0.999;
/** The first guess at the control's share: so many failures of so many calls. */
const USUAL_FAILURES = 0.5;
const USUAL_CALLS = 100;

interface Counts {
  calls: number;
  failures: number;
}

const none = (): Counts => ({ calls: 0, failures: 0 });

/**
 * Whether the canary fails more often than the control: a safe test of two proportions (Turner, Ly and Grünwald 2024),
 * block by block. A block is what came since the one before, once there is something of both.
 */
export class MoreFailures {
  readonly evidence: Evidence;
  readonly #before = { control: none(), canary: none() };
  readonly #block = { control: none(), canary: none() };

  constructor(falseAlarm: number) {
    this.evidence = new Evidence(falseAlarm);
  }

  note(isCanary: boolean, isFailure: boolean): void {
    const { control, canary } = this.#block;
    add(isCanary ? canary : control, 1, isFailure ? 1 : 0);
    if (control.calls === 0 || canary.calls === 0) return;
    this.evidence.add(this.#logRatio());
    move(control, this.#before.control);
    move(canary, this.#before.canary);
  }

  /** What is taken to be rests on earlier blocks alone: else the ratio would be no fair bet. */
  #logRatio(): number {
    const { control, canary } = this.#block;
    const before = this.#before;
    const ofControl = (before.control.failures + USUAL_FAILURES) / (before.control.calls + USUAL_CALLS);
    const guess = Math.min(ofControl + LARGER_BY, MOST);
    const measured = (before.canary.failures + GUESS_WEIGHT * guess) / (before.canary.calls + GUESS_WEIGHT);
    const ofCanary = Math.min(Math.max(guess, measured), MOST);
    const ofBoth = (canary.calls * ofCanary + control.calls * ofControl) / (canary.calls + control.calls);
    return logRatio(canary, ofCanary, ofBoth) + logRatio(control, ofControl, ofBoth);
  }
}

function logRatio({ calls, failures }: Counts, share: number, otherwise: number): number {
  const worked = (calls - failures) * Math.log((1 - share) / (1 - otherwise));
  return failures * Math.log(share / otherwise) + worked;
}

function add(counts: Counts, calls: number, failures: number): void {
  counts.calls += calls;
  counts.failures += failures;
}

function move(from: Counts, to: Counts): void {
  add(to, from.calls, from.failures);
  from.calls = 0;
  from.failures = 0;
}
