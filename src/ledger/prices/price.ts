/** Nano-dollars per million units, in each band of request size. A band holds above its start, up to the next one's. */
export interface Rate {
  readonly base: bigint;
  /** By rising `start`, which counts all input tokens of the request. The whole request is charged at one band's rate. */
  readonly tiers: readonly { readonly start: number; readonly rate: bigint }[];
}

/** What can have a price of its own. */
export const PRICED_UNITS = [
  "input",
  "cachedInput",
  "cacheWrite5m",
  "cacheWrite1h",
  "inputAudio",
  "cachedInputAudio",
  "inputImage",
  "output",
  "reasoning",
  "outputAudio",
  "request",
  "toolCall",
] as const;

export type PricedUnit = (typeof PRICED_UNITS)[number];

/** What a model costs. A unit without a price of its own is charged at that of the unit it is a part of. */
export type Price = { readonly [Unit in PricedUnit]?: Rate };

/** Nano-dollars per million units, for requests of one size, every fallback resolved. */
export type Rates = { readonly [Unit in PricedUnit]: bigint };

/** The rates above a size of request, in input tokens. */
export interface Band {
  readonly above: number;
  readonly rates: Rates;
}

/** A price worked out for every size of request, by rising size; the first begins below zero. */
export function bandsOf(price: Price): readonly Band[] {
  const starts = new Set<number>();
  for (const unit of PRICED_UNITS) for (const tier of price[unit]?.tiers ?? []) starts.add(tier.start);
  const rising = [-1, ...[...starts].sort((left, right) => left - right)];
  return rising.map((above) => ({ above, rates: ratesAbove(price, above) }));
}

function ratesAbove(price: Price, above: number): Rates {
  const rate = (unit: PricedUnit): bigint | undefined => {
    const own = price[unit];
    return own && (own.tiers.findLast((tier) => tier.start <= above)?.rate ?? own.base);
  };
  const input = rate("input") ?? 0n;
  const output = rate("output") ?? 0n;
  const cachedInput = rate("cachedInput") ?? input;
  return {
    input,
    cachedInput,
    cacheWrite5m: rate("cacheWrite5m") ?? input,
    cacheWrite1h: rate("cacheWrite1h") ?? rate("cacheWrite5m") ?? input,
    inputAudio: rate("inputAudio") ?? input,
    cachedInputAudio: rate("cachedInputAudio") ?? cachedInput,
    inputImage: rate("inputImage") ?? input,
    output,
    reasoning: rate("reasoning") ?? output,
    outputAudio: rate("outputAudio") ?? output,
    request: rate("request") ?? 0n,
    toolCall: rate("toolCall") ?? 0n,
  };
}
