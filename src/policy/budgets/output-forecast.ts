/** Bucket edges grow by this: a forecast is at most a fifth too high. */
const GROWTH = 1.2;
const BUCKETS = 90;
/** After so many answers all counts are halved, so that what was usual long ago is forgotten. */
const MEMORY = 1_000;
/** With fewer answers than this nothing is known yet. */
const ENOUGH = 10;
const SHARE = 0.95;
/** Keys and models come from requests; so many pairs are remembered. */
const MAX_PAIRS = 20_000;

/** Lengths of answers, roughly: how many fell into each bucket. */
interface Lengths {
  readonly counts: Uint16Array;
  total: number;
  hasHidden: boolean;
}

/**
 * How long the answers of a key from a model usually are: the length that 95 of 100 stay below, learnt as answers end.
 * It decides what is reserved for a stream at first, never what it may use.
 */
export class OutputForecast {
  readonly #lengths = new Map<string, Lengths>();

  /** An answer of that many tokens has ended; `hiddenTokens` of them were never sent, as some vendors' reasoning is. */
  observe(keyId: string, model: string, tokens: number, hiddenTokens: number): void {
    const lengths = this.#lengthsOf(`${keyId} ${model}`);
    lengths.hasHidden ||= hiddenTokens > 0;
    const bucket = bucketOf(tokens);
    lengths.counts[bucket] = (lengths.counts[bucket] ?? 0) + 1;
    lengths.total++;
    if (lengths.total >= MEMORY) forget(lengths);
  }

  /** The usual length in tokens, on the high side; undefined while too little is known. */
  usual(keyId: string, model: string): number | undefined {
    const lengths = this.#lengths.get(`${keyId} ${model}`);
    if (lengths === undefined || lengths.total < ENOUGH) return undefined;
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      below += lengths.counts[bucket] ?? 0;
      if (below >= SHARE * lengths.total) return upperEdge(bucket);
    }
    return upperEdge(BUCKETS - 1);
  }

  /** Whether answers hold tokens that nobody can count as they come. */
  hidesOutput(keyId: string, model: string): boolean {
    return this.#lengths.get(`${keyId} ${model}`)?.hasHidden === true;
  }

  #lengthsOf(pair: string): Lengths {
    const known = this.#lengths.get(pair);
    if (known !== undefined) return known;
    const [oldest] = this.#lengths.keys();
    if (this.#lengths.size >= MAX_PAIRS && oldest !== undefined) this.#lengths.delete(oldest);
    const lengths = { counts: new Uint16Array(BUCKETS), total: 0, hasHidden: false };
    this.#lengths.set(pair, lengths);
    return lengths;
  }
}

function bucketOf(tokens: number): number {
  if (tokens <= 1) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(tokens) / Math.log(GROWTH)));
}

function upperEdge(bucket: number): number {
  return Math.ceil(GROWTH ** bucket);
}

function forget(lengths: Lengths): void {
  lengths.total = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const half = (lengths.counts[bucket] ?? 0) >> 1;
    lengths.counts[bucket] = half;
    lengths.total += half;
  }
}
