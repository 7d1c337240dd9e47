import { Evidence } from "./evidence.ts";

/** What is looked for: the canary is the slower of a pair so often. */
const OFTEN = 0.55;
/** How many pairs the first guess weighs. */
const GUESS_WEIGHT = 20;
const MOST = 0.99;
/** So many times wait for another to be held against; older ones are let go. */
const MOST_WAITING = 32;

/** Times of one kind of answers that wait for one of the other side. */
interface Waiting {
  readonly control: number[];
  readonly canary: number[];
}

/**
 * Whether the canary's answers are slower than the control's, beyond what is borne: each is held against one of the
 * control's of about the same time, and of such pairs no more than half would be slower if it were not so, however the
 * times are spread.
 */
export class SlowerAnswers {
  readonly evidence: Evidence;
  readonly #tolerance: number;
  /** Streams and whole answers apart. */
  readonly #streams: Waiting = { control: [], canary: [] };
  readonly #wholes: Waiting = { control: [], canary: [] };
  #pairs = 0;
  #slower = 0;

  /** `tolerance` is 0.1 for a tenth. */
  constructor(falseAlarm: number, tolerance: number) {
    this.evidence = new Evidence(falseAlarm);
    this.#tolerance = tolerance;
  }

  note(isCanary: boolean, ms: number, stream: boolean): void {
    const { control, canary } = stream ? this.#streams : this.#wholes;
    const other = (isCanary ? control : canary).pop();
    if (other !== undefined) {
      this.#compare(isCanary ? ms : other, isCanary ? other : ms);
      return;
    }
    const own = isCanary ? canary : control;
    own.push(ms);
    if (own.length > MOST_WAITING) own.shift();
  }

  #compare(ofCanaryMs: number, ofControlMs: number): void {
    const isSlower = ofCanaryMs > ofControlMs * (1 + this.#tolerance);
    const measured = (this.#slower + GUESS_WEIGHT * OFTEN) / (this.#pairs + GUESS_WEIGHT);
    const share = Math.min(Math.max(measured, OFTEN), MOST);
    this.evidence.add(Math.log(2 * (isSlower ? share : 1 - share)));
    this.#pairs++;
    if (isSlower) this.#slower++;
  }
}
