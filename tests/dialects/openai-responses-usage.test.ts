import { expect, test } from "bun:test";
import fc from "fast-check";
import { billedTools } from "../../src/dialects/openai-responses/billed-tools.ts";
import { readUsage, usageFromWire, usageToWire } from "../../src/dialects/openai-responses/usage.ts";

test("OpenAI's details", () => {
  const usage = usageFromWire(
    {
      input_tokens: 100,
      input_tokens_details: {
        cached_tokens: 40,
        cache_write_tokens: 7,
        audio_tokens: 5,
        image_tokens: 3,
        cached_tokens_details: { audio_tokens: 2, image_tokens: 1 },
      },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 30, audio_tokens: 2, image_tokens: 4 },
      total_tokens: 150,
    },
    {},
  );
  expect(usage).toMatchObject({
    inputTokens: 100,
    cachedInputTokens: 40,
    cacheWrite5mTokens: 7,
    inputAudioTokens: 5,
    inputImageTokens: 3,
    cachedInputAudioTokens: 2,
    cachedInputImageTokens: 1,
    outputTokens: 50,
    reasoningTokens: 30,
    outputAudioTokens: 2,
    outputImageTokens: 4,
    billedToolCalls: 0,
    source: "reported",
  });
  expect(Object.keys(usage)).not.toContain("billedTools");
});

test("what tells neither input nor output is no usage", () => {
  expect([{}, null, [], "9", { input_tokens: -1 }].map((value) => readUsage(value, {}))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("the searches that the items show are billed, by kind", () => {
  const shown = billedTools([
    { type: "web_search_call", action: { type: "search" } },
    { type: "web_search_call", action: { type: "open_page" } },
    { type: "web_search_call" },
    { type: "file_search_call" },
    { type: "code_interpreter_call" },
    { type: "message" },
  ]);
  expect(usageFromWire({ input_tokens: 1 }, shown)).toMatchObject({
    billedToolCalls: 3,
    billedTools: { webSearch: 2, fileSearch: 1 },
  });
});

test("xAI counts what it bills itself", () => {
  const shown = { webSearch: 3 };
  const details = {
    web_search_calls: 2,
    x_search_calls: 4,
    code_interpreter_calls: 1,
    file_search_calls: 0,
    mcp_calls: 5,
    document_search_calls: 1,
  };
  const raw = { input_tokens: 1, num_server_side_tools_used: 13, server_side_tool_usage_details: details };
  const byKind = usageFromWire(raw, shown);
  expect(byKind.billedTools).toEqual({ webSearch: 2, codeExecution: 1, socialSearch: 4 });
  expect(byKind.billedToolCalls).toBe(8);
  const total = usageFromWire({ input_tokens: 1, num_server_side_tools_used: 4 }, shown);
  expect(total).toMatchObject({ billedToolCalls: 4, billedTools: { webSearch: 3 } });
});

test("whatever stands there, counts stay whole, within each other, and the same once written", () => {
  const number = fc.oneof(
    fc.integer({ min: -5, max: 5_000 }),
    fc.double(),
    fc.constant("9"),
    fc.constant(null),
  );
  const membersOf = (...names: string[]) => fc.dictionary(fc.constantFrom(...names), number);
  const top = membersOf("input_tokens", "output_tokens", "total_tokens", "num_server_side_tools_used");
  const details = fc.oneof(
    membersOf("cached_tokens", "cache_write_tokens", "audio_tokens", "image_tokens", "reasoning_tokens"),
    number,
  );
  fc.assert(
    fc.property(top, details, details, (counted, input, output) => {
      const raw = { ...counted, input_tokens_details: input, output_tokens_details: output };
      const { source: _source, raw: _raw, billedTools: _tools, ...all } = usageFromWire(raw, {});
      for (const value of Object.values(all)) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
      expect(all.cachedInputTokens + all.cacheWrite5mTokens).toBeLessThanOrEqual(all.inputTokens);
      expect(all.reasoningTokens).toBeLessThanOrEqual(all.outputTokens);
      expect(usageFromWire({ ...usageToWire({ ...all, source: "reported" }) }, {})).toMatchObject({
        inputTokens: all.inputTokens,
        cachedInputTokens: all.cachedInputTokens,
        cacheWrite5mTokens: all.cacheWrite5mTokens,
        outputTokens: all.outputTokens,
        reasoningTokens: all.reasoningTokens,
      });
    }),
  );
});
