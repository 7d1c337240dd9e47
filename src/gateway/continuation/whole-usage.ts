import type { Receipt, StreamEncoder } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import type { Usage } from "../../model/usage.ts";

/**
 * Tells the client the usage of its whole answer. Whoever went on with it read what there was of it as input; to the
 * client that is output, as is the rest. The sum of both stays what that provider counted.
 */
export class WholeUsageEncoder implements StreamEncoder {
  readonly #inner: StreamEncoder;
  readonly #tokensBefore: number;
  readonly fail?: NonNullable<StreamEncoder["fail"]>;

  /** `tokensBefore`: of the answer, when it was gone on with. */
  constructor(inner: StreamEncoder, tokensBefore: number) {
    this.#inner = inner;
    this.#tokensBefore = tokensBefore;
    const { fail } = inner;
    if (fail !== undefined) this.fail = (error: GatewayError, id: string) => fail.call(inner, error, id);
  }

  encode(event: StreamEvent): string {
    if (event.type !== "usage") return this.#inner.encode(event);
    return this.#inner.encode({ type: "usage", usage: wholeUsage(event.usage, this.#tokensBefore) });
  }

  close(receipt: Receipt): string {
    return this.#inner.close({ ...receipt, usage: wholeUsage(receipt.usage, this.#tokensBefore) });
  }
}

/** A provider's count of a continuation as that of the whole answer, of which it was given so many tokens. */
export function wholeUsage(usage: Usage, tokensBefore: number): Usage {
  const { raw: _raw, ...counts } = usage;
  const { inputTokens, cachedInputTokens, cacheWrite5mTokens, cacheWrite1hTokens } = usage;
  // What was given of the answer stands behind the prompt, where no cache reaches.
  const uncached = Math.max(0, inputTokens - cachedInputTokens - cacheWrite5mTokens - cacheWrite1hTokens);
  return {
    ...counts,
    inputTokens: inputTokens - Math.min(tokensBefore, uncached),
    outputTokens: usage.outputTokens + tokensBefore,
  };
}
