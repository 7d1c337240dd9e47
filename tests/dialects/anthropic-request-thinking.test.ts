import { describe, expect, test } from "bun:test";
import { encodeCountRequest } from "../../src/dialects/anthropic-messages/encode-request.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { messageRequest, quirksOf, toAnthropic, USER } from "./anthropic.ts";
import { fromChat, lossesOf, sent } from "./anthropic-requests.ts";
import { chatRequest } from "./chat.ts";

describe("thinking, by family", () => {
  const effort = (reasoning_effort: string, model: string, rest: JsonObject = {}) => {
    const { parsed, losses } = fromChat({ reasoning_effort, ...rest }, model);
    const { thinking, output_config, max_tokens } = parsed;
    return { thinking, output_config, max_tokens, losses: losses.map(({ feature }) => feature) };
  };

  test("an effort", () => {
    expect(effort("high", "claude-opus-4-8")).toEqual({
      thinking: { type: "adaptive" },
      output_config: { effort: "high" },
      max_tokens: 128_000,
      losses: [],
    });
    expect(effort("minimal", "claude-opus-5-5")).toMatchObject({
      output_config: { effort: "low" },
      losses: ["reasoning-effort"],
    });
    expect(effort("xhigh", "claude-sonnet-4-6")).toMatchObject({
      output_config: { effort: "high" },
      losses: ["reasoning-effort"],
    });
    expect(effort("low", "claude-haiku-4-5")).toEqual({
      thinking: { type: "enabled", budget_tokens: 1_024 },
      output_config: undefined,
      max_tokens: 64_000,
      losses: [],
    });
    expect(effort("medium", "claude-opus-4-5")).toMatchObject({
      thinking: { type: "enabled", budget_tokens: 8_192 },
      output_config: { effort: "medium" },
    });
    expect(effort("high", "claude-3-5-haiku-latest")).toMatchObject({
      thinking: undefined,
      losses: ["reasoning-effort"],
    });
    expect(sent({ thinking: { type: "adaptive" } }, "claude-3-haiku")).not.toHaveProperty("thinking");
    expect(effort("high", "claude-nobody-knows-yet")).toMatchObject({ thinking: { type: "adaptive" } });
  });

  test("none", () => {
    expect(effort("none", "claude-opus-4-8")).toMatchObject({ thinking: { type: "disabled" }, losses: [] });
    expect(effort("none", "claude-haiku-4-5")).toMatchObject({ thinking: { type: "disabled" }, losses: [] });
    expect(effort("none", "claude-sonnet-5-5")).toMatchObject({
      thinking: { type: "between_tools" },
      losses: [],
    });
    for (const model of ["claude-opus-5-5", "claude-fable-5", "claude-mythos-5-1"]) {
      expect(effort("none", model)).toMatchObject({
        thinking: undefined,
        output_config: { effort: "low" },
        losses: ["reasoning-effort"],
      });
    }
    const off = { thinking: { type: "disabled" }, output_config: { effort: "max" } };
    expect(sent(off, "claude-opus-5")).toMatchObject({
      thinking: { type: "disabled" },
      output_config: { effort: "high" },
    });
  });

  test("a budget keeps below the bound on the output", () => {
    expect(effort("high", "claude-haiku-4-5", { max_tokens: 10_000 })).toEqual({
      thinking: { type: "enabled", budget_tokens: 8_000 },
      output_config: undefined,
      max_tokens: 10_000,
      losses: ["reasoning-budget"],
    });
    expect(effort("high", "claude-haiku-4-5", { max_tokens: 1_100 }).thinking).toEqual({
      type: "enabled",
      budget_tokens: 1_024,
    });
    expect(effort("high", "claude-haiku-4-5", { max_tokens: 1_024 })).toMatchObject({
      thinking: { type: "disabled" },
      losses: ["reasoning-budget"],
    });
    const unknown = toAnthropic(
      chatRequest({ model: "m", messages: [USER], reasoning_effort: "high" }),
      "m",
      {},
    );
    expect(unknown.parsed).toMatchObject({
      thinking: { type: "enabled", budget_tokens: 24_576 },
      max_tokens: 32_768,
    });
  });

  test("a budget becomes an effort where the model chooses by itself", () => {
    const thinking = { type: "enabled", budget_tokens: 2_000 };
    const encoded = toAnthropic(messageRequest({ thinking }), "claude-opus-5-5");
    expect(encoded.parsed).toMatchObject({
      thinking: { type: "adaptive" },
      output_config: { effort: "low" },
    });
    expect(encoded.losses.map(({ feature }) => feature)).toEqual(["reasoning-budget"]);
    expect(sent({ thinking: { type: "enabled", budget_tokens: 500 } }, "claude-haiku-4-5")).toMatchObject({
      thinking: { type: "enabled", budget_tokens: 1_024 },
    });
  });

  test("sampling that does not go together with it", () => {
    const sampling = { temperature: 0.3, top_p: 0.5, reasoning_effort: "low" };
    const thinking = fromChat(sampling, "claude-sonnet-4-6").parsed;
    expect(thinking).not.toHaveProperty("temperature");
    expect(thinking["top_p"]).toBe(0.95);
    expect(lossesOf(sampling, "claude-sonnet-4-6")).toEqual(["temperature", "top-p"]);
    expect(lossesOf({ temperature: 0.3, top_p: 0.5 }, "claude-sonnet-4-6")).toEqual(["top-p"]);
    expect(lossesOf({ temperature: 0.3, top_p: 0.5 }, "claude-opus-4-7")).toEqual(["temperature", "top-p"]);
    expect(lossesOf({ temperature: 1, top_p: 1 }, "claude-opus-4-7")).toEqual([]);
  });
});

describe("the rest", () => {
  test("bounds, tiers, users, blank stops, the version's header", () => {
    const encoded = fromChat({
      max_completion_tokens: 1_000_000,
      service_tier: "flex",
      user: "u",
      stop: ["END", " "],
      stream: true,
    });
    expect(encoded.parsed).toMatchObject({
      max_tokens: 128_000,
      metadata: { user_id: "u" },
      stop_sequences: ["END"],
      stream: true,
    });
    expect(encoded.losses.map(({ feature }) => feature)).toEqual([
      "max-output-tokens",
      "stop",
      "service-tier",
    ]);
    expect(encoded.headers).toEqual({ "anthropic-version": "2023-06-01" });
    expect(toAnthropic(chatRequest({ model: "m", messages: [USER] }), "m", {}).parsed["max_tokens"]).toBe(
      8_192,
    );
  });

  test("a count says what is read and nothing else", () => {
    const {
      stream: _stream,
      maxOutputTokens: _max,
      ...request
    } = messageRequest({ system: "S", temperature: 0.5 });
    const count: InferenceRequest<"count-tokens"> = { ...request, operation: "count-tokens", stream: false };
    const { body } = encodeCountRequest(count, { model: "x", quirks: quirksOf("claude-sonnet-4-6") });
    expect(JSON.parse(body)).toEqual({ model: "x", system: "S", messages: [USER] });
  });
});
