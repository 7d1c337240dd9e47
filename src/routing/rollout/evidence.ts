/** After so many observations another count begins beside those that run: what went well for long hides nothing new. */
const RESTART_AFTER = 300;
/** Counts that run at a time; the oldest is given up for a new one. */
const MOST_COUNTS = 6;

interface Count {
  /** From 0: the later a count begins, the more it must show, so that all of them together are wrong seldom enough. */
  readonly number: number;
  /** The logarithm of how much likelier the observations are under what is suspected than if it were not so. */
  logRatio: number;
}

const FIRST_SHARE = 0.9;

/** The share of the false alarms that a count may make: all of them together come to 1. */
function shareOf({ number }: Count): number {
  return number === 0 ? FIRST_SHARE : (1 - FIRST_SHARE) / (number * (number + 1));
}

/**
 * Evidence that something is so, gathered one observation at a time and looked at after each. Each count is a product of
 * ratios whose expectation is at most 1 where it isn't so, hence exceeds 1/p ever with a chance of at most p (Ville's
 * inequality); the counts share the chance `falseAlarm` among them.
 */
export class Evidence {
  readonly #limit: number;
  #counts: Count[] = [{ number: 0, logRatio: 0 }];
  #begun = 1;
  #observations = 0;
  #isEnough = false;

  constructor(falseAlarm: number) {
    this.#limit = Math.log(1 / falseAlarm);
  }

  /** True from the observation on that showed enough. */
  get isEnough(): boolean {
    return this.#isEnough;
  }

  /** Takes the logarithm of an observation's ratio. */
  add(logRatio: number): void {
    for (const count of this.#counts) {
      count.logRatio += logRatio;
      if (count.logRatio >= this.#limit - Math.log(shareOf(count))) this.#isEnough = true;
    }
    this.#observations++;
    if (this.#observations % RESTART_AFTER !== 0) return;
    const kept = this.#counts.slice(-(MOST_COUNTS - 1));
    this.#counts = [...kept, { number: this.#begun++, logRatio: 0 }];
  }
}
