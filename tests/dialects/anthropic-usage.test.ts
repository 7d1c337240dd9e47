import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  deltaUsageToWire,
  mergeUsage,
  servedTier,
  tierFromWire,
  usageFromWire,
  usageToWire,
} from "../../src/dialects/anthropic-messages/usage.ts";
import { usageFromWire as chatUsageFromWire } from "../../src/dialects/openai-chat/usage.ts";
import type { JsonObject } from "../../src/model/json.ts";

const counts = (raw: JsonObject) => {
  const { raw: _raw, ...usage } = usageFromWire(raw);
  return usage;
};

describe("a provider's usage", () => {
  test("cache reads and writes are added to the input once", () => {
    expect(
      counts({
        input_tokens: 8,
        cache_creation_input_tokens: 1500,
        cache_read_input_tokens: 4000,
        cache_creation: { ephemeral_5m_input_tokens: 500, ephemeral_1h_input_tokens: 1000 },
        output_tokens: 21,
        output_tokens_details: { thinking_tokens: 6 },
        server_tool_use: { web_search_requests: 2, web_fetch_requests: 3 },
      }),
    ).toMatchObject({
      inputTokens: 5508,
      cachedInputTokens: 4000,
      cacheWrite5mTokens: 500,
      cacheWrite1hTokens: 1000,
      outputTokens: 21,
      reasoningTokens: 6,
      billedToolCalls: 2,
      billedTools: { webSearch: 2 },
    });
  });

  test("tells the tier that the price depends on: as it stands, or the faster mode", () => {
    expect(servedTier({ service_tier: "priority" })).toBe("priority");
    expect(servedTier({ service_tier: "standard", speed: "standard" })).toBe("standard");
    expect(servedTier({ service_tier: "standard", speed: "fast" })).toBe("fast");
    expect(servedTier({ service_tier: null })).toBeUndefined();
    expect(tierFromWire({ service_tier: "standard" })).toBe("default");
    expect(usageToWire(usageFromWire({}), "fast")).toMatchObject({ service_tier: null, speed: "fast" });
  });

  test("writes without their lifetimes are of the usual one", () => {
    expect(counts({ input_tokens: 1, cache_creation_input_tokens: 5 })).toMatchObject({
      inputTokens: 6,
      cacheWrite5mTokens: 5,
      cacheWrite1hTokens: 0,
    });
  });

  test("a compaction's tokens, which no other count holds, are added", () => {
    const iterations = [
      { type: "compaction", input_tokens: 100, cache_read_input_tokens: 7, output_tokens: 20 },
      { type: "message", input_tokens: 10, output_tokens: 5 },
    ];
    expect(counts({ input_tokens: 10, output_tokens: 5, iterations })).toMatchObject({
      inputTokens: 117,
      cachedInputTokens: 7,
      outputTokens: 25,
    });
  });

  test("a later report leaves what it does not tell", () => {
    const first = mergeUsage(undefined, { input_tokens: 5, cache_read_input_tokens: 3, output_tokens: 1 });
    expect(mergeUsage(first, { input_tokens: null, output_tokens: 9 })).toEqual({
      input_tokens: 5,
      cache_read_input_tokens: 3,
      output_tokens: 9,
    });
    expect(mergeUsage(first, null)).toEqual(first ?? {});
  });

  test("is never negative, broken or more than there can be", () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(null, "9", [], {}));
    const raw = fc.dictionary(
      fc.constantFrom(
        "input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
      ),
      number,
    );
    const lifetimes = fc.dictionary(
      fc.constantFrom("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
      number,
    );
    fc.assert(
      fc.property(raw, lifetimes, (told, cache_creation) => {
        const usage = usageFromWire({ ...told, cache_creation, output_tokens_details: told });
        const { cachedInputTokens, cacheWrite5mTokens, cacheWrite1hTokens, inputTokens } = usage;
        for (const count of [cachedInputTokens, cacheWrite5mTokens, cacheWrite1hTokens, inputTokens]) {
          expect(Number.isSafeInteger(count)).toBe(true);
          expect(count).toBeGreaterThanOrEqual(0);
        }
        expect(inputTokens).toBeGreaterThanOrEqual(
          cachedInputTokens + cacheWrite5mTokens + cacheWrite1hTokens,
        );
        expect(usage.reasoningTokens).toBeLessThanOrEqual(usage.outputTokens);
        expect(deltaUsageToWire(usage).input_tokens).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("a client's usage", () => {
  test("survives the way out and back", () => {
    const count = fc.nat(100_000);
    fc.assert(
      fc.property(count, count, count, count, count, (plain, cached, written5m, written1h, output) => {
        const usage = usageFromWire({
          input_tokens: plain,
          cache_read_input_tokens: cached,
          cache_creation: { ephemeral_5m_input_tokens: written5m, ephemeral_1h_input_tokens: written1h },
          output_tokens: output,
        });
        const { raw: _raw, ...again } = usageFromWire({ ...usageToWire(usage, undefined) });
        const { raw: _first, ...first } = usage;
        expect(again).toEqual(first);
      }),
    );
  });

  test("of OpenAI's numbers, whose input includes what was cached", () => {
    const usage = chatUsageFromWire({
      prompt_tokens: 1036,
      completion_tokens: 7,
      prompt_tokens_details: { cached_tokens: 1024 },
      completion_tokens_details: { reasoning_tokens: 3 },
    });
    expect(usageToWire(usage, "default")).toMatchObject({
      input_tokens: 12,
      cache_read_input_tokens: 1024,
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 3 },
      service_tier: "standard",
    });
  });
});
