import { createPriceBook, type PriceBook } from "../../src/ledger/prices/price-book.ts";
import type {
  AttemptClosing,
  AttemptOpening,
  RequestClosing,
  RequestOpening,
} from "../../src/model/attempt.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { NO_USAGE } from "../../src/model/usage.ts";

export const START_MS = Date.UTC(2026, 10, 1, 12);

/** Two dollars per million input tokens, eight per million output tokens. */
export const priceBook: PriceBook = createPriceBook({
  priceDataIds: new Map(),
  overrides: new Map([["acme/large", { input: "2", output: "8" }]]),
});

export function request(number: number, changes: Partial<RequestOpening> = {}): RequestOpening {
  return {
    requestId: `request-${number}`,
    receivedAtMs: START_MS + number,
    project: "shop",
    keyId: "key-1",
    operation: "chat",
    dialect: "openai-chat",
    requestedModel: "acme/large",
    stream: false,
    ...changes,
  };
}

export function attempt(number: number, changes: Partial<AttemptOpening> = {}): AttemptOpening {
  return {
    attemptId: `attempt-${number}`,
    requestId: `request-${number}`,
    ordinal: 1,
    startedAtMs: START_MS + number,
    provider: "acme",
    model: "large",
    bodyBytes: 401,
    ...changes,
  };
}

export function closing(number: number, changes: Partial<AttemptClosing> = {}): AttemptClosing {
  return {
    attemptId: `attempt-${number}`,
    outcome: "ok",
    upstreamStatus: 200,
    finishReason: "stop",
    usage: {
      ...NO_USAGE,
      inputTokens: 100,
      outputTokens: 10,
      source: "reported",
      raw: { prompt_tokens: 100 },
    },
    cost: nanoDollars(280_000),
    priceBookVersion: "test",
    firstTokenMs: 20,
    totalMs: 50,
    answerBytes: 1000,
    ...changes,
  };
}

export function finish(number: number, changes: Partial<RequestClosing> = {}): RequestClosing {
  return { requestId: `request-${number}`, outcome: "ok", status: 200, attempts: 1, totalMs: 55, ...changes };
}

/** Waits until something holds; fails, saying what, where it doesn't within ten seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited ten seconds in vain until ${what}`);
    await Bun.sleep(5);
  }
}
