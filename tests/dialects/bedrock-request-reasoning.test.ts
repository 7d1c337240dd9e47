import { describe, expect, test } from "bun:test";
import {
  bodyOf,
  LLAMA,
  lost,
  NOVA,
  NOVA_2,
  OPUS_46,
  SONNET_45,
  SONNET_55,
  tool,
} from "./bedrock-requests.ts";

const SONNET_5 = "global.anthropic.claude-sonnet-5";
const OPUS_55 = "global.anthropic.claude-opus-5-5";
const GPT_OSS = "openai.gpt-oss-120b-1:0";

describe("reasoning and sampling", () => {
  test("Claude up to 4.5 by a budget, less than the bound on the output", () => {
    expect(bodyOf(SONNET_45, { reasoning_effort: "medium" })).toMatchObject({
      inferenceConfig: { maxTokens: 8192 + 4096 },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 8192 } },
    });
    expect(bodyOf(SONNET_45, { reasoning_effort: "high", max_tokens: 5000 })).toMatchObject({
      inferenceConfig: { maxTokens: 5000 },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 4999 } },
    });
    expect(lost(SONNET_45, { reasoning_effort: "high", max_tokens: 500 })).toEqual(["reasoning-effort"]);
    expect(bodyOf(SONNET_45, { reasoning_effort: "none" })).not.toHaveProperty(
      "additionalModelRequestFields",
    );
    const small = { reasoning: { budgetTokens: 100 } };
    expect(lost(SONNET_45, {}, small)).toEqual(["reasoning-budget"]);
    expect(lost("anthropic.claude-3-haiku-20240307-v1:0", { reasoning_effort: "low" })).toEqual([
      "reasoning-effort",
    ]);
  });

  test("a budget and the answer beside it keep within what the model can say at all", () => {
    expect(bodyOf("anthropic.claude-opus-4-1-20250805-v1:0", { reasoning_effort: "max" })).toMatchObject({
      inferenceConfig: { maxTokens: 32_000 },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 32_000 - 4_096 } },
    });
  });

  test("a model that thinks by itself is told not to where a tool must be called", () => {
    const rest = { tools: [tool("f")], tool_choice: "required" };
    expect(bodyOf(SONNET_5, rest)).toMatchObject({
      additionalModelRequestFields: { thinking: { type: "disabled" } },
      toolConfig: { toolChoice: { any: {} } },
    });
    expect(bodyOf(SONNET_5, {})).not.toHaveProperty("additionalModelRequestFields");
  });

  test("Claude from 4.6 on by an effort that it knows, or off", () => {
    expect(bodyOf(OPUS_46, { reasoning_effort: "xhigh" })).toMatchObject({
      additionalModelRequestFields: { thinking: { type: "adaptive" } },
      outputConfig: { effort: "high" },
    });
    expect(lost(OPUS_46, { reasoning_effort: "xhigh" })).toEqual(["reasoning-effort"]);
    expect(bodyOf(OPUS_46, { reasoning_effort: "none" })).toMatchObject({
      additionalModelRequestFields: { thinking: { type: "disabled" } },
    });
    expect(bodyOf(SONNET_55, { reasoning_effort: "none" })).toMatchObject({
      additionalModelRequestFields: { thinking: { type: "between_tools" } },
    });
    expect(bodyOf(OPUS_55, { reasoning_effort: "none" })).toMatchObject({ outputConfig: { effort: "low" } });
    expect(lost(OPUS_55, { reasoning_effort: "none" })).toEqual(["reasoning-effort"]);
    expect(bodyOf(OPUS_46, {}, { reasoning: { mode: "on" } })).toMatchObject({
      additionalModelRequestFields: { thinking: { type: "adaptive" } },
      outputConfig: { effort: "high" },
    });
    const shown = { reasoning: { effort: "high", shown: "detailed" } } as const;
    expect(bodyOf(OPUS_46, {}, shown)["additionalModelRequestFields"]).toEqual({
      thinking: { type: "adaptive", display: "summarized" },
    });
    expect(bodyOf(OPUS_46, {}, { reasoning: { shown: "auto" } })).not.toHaveProperty(
      "additionalModelRequestFields",
    );
  });

  test("while Claude thinks it takes no sampling, and no tool is forced", () => {
    const rest = { reasoning_effort: "high", temperature: 0.5, top_p: 0.9, top_k: 5, tools: [tool("f")] };
    const body = bodyOf(OPUS_46, { ...rest, tool_choice: "required" });
    expect(body).not.toHaveProperty("inferenceConfig");
    expect(body["toolConfig"]).toMatchObject({ toolChoice: { auto: {} } });
    expect(lost(OPUS_46, { ...rest, tool_choice: "required" })).toEqual([
      "tool-choice",
      "temperature",
      "top-p",
      "top-k",
    ]);
  });

  test("other families in their own words", () => {
    expect(bodyOf(NOVA_2, { reasoning_effort: "xhigh", top_k: 4 })["additionalModelRequestFields"]).toEqual({
      reasoningConfig: { type: "enabled", maxReasoningEffort: "high" },
      inferenceConfig: { topK: 4 },
    });
    expect(bodyOf(GPT_OSS, { reasoning_effort: "minimal" })["additionalModelRequestFields"]).toEqual({
      reasoning_effort: "low",
    });
    expect(bodyOf("openai.gpt-5.5", { reasoning_effort: "high" })["additionalModelRequestFields"]).toEqual({
      reasoning: { effort: "high" },
    });
    expect(
      bodyOf("arn:aws:bedrock:eu-west-1:1:application-inference-profile/x", { reasoning_effort: "high" }),
    ).toMatchObject({
      outputConfig: { effort: "high" },
    });
    expect(lost(LLAMA, { reasoning_effort: "high" })).toEqual(["reasoning-effort"]);
  });

  test("sampling: what each takes", () => {
    const rest = { temperature: 1.5, top_p: 0.5, top_k: 7, max_tokens: 9, stop: ["a", "b"] };
    expect(bodyOf(SONNET_45, rest)).toMatchObject({
      inferenceConfig: { maxTokens: 9, temperature: 1, stopSequences: ["a", "b"] },
      additionalModelRequestFields: { top_k: 7 },
      additionalModelResponseFieldPaths: ["/stop_sequence"],
    });
    expect(bodyOf(SONNET_45, { ...rest, stream: true })["additionalModelResponseFieldPaths"]).toEqual([
      "/delta/stop_sequence",
    ]);
    expect(lost(SONNET_45, rest)).toEqual(["temperature", "top-p"]);
    expect(lost(SONNET_55, rest)).toEqual(["temperature", "top-p", "top-k"]);
    expect(
      lost(NOVA, { seed: 1, n: 2, frequency_penalty: 1, logprobs: true, store: true, user: "u" }),
    ).toEqual(["choices", "log-probabilities", "store", "seed", "frequency-penalty", "end-user"]);
  });
});

describe("settings", () => {
  test("tiers, notes, and what only Bedrock knows", () => {
    const body = bodyOf(SONNET_45, {
      service_tier: "flex",
      metadata: { team: "search", bad: "ä" },
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
      performanceConfig: { latency: "optimized" },
      additionalModelRequestFields: { top_k: 3, anthropic_beta: ["x"] },
      top_k: 5,
    });
    expect(body).toMatchObject({
      serviceTier: { type: "flex" },
      requestMetadata: { team: "search" },
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
      performanceConfig: { latency: "optimized" },
      additionalModelRequestFields: { top_k: 5, anthropic_beta: ["x"] },
    });
    expect(
      lost(SONNET_45, { metadata: { bad: "ä" }, service_tier: "scale", logit_bias: { "1": 1 } }),
    ).toEqual(["logit_bias", "metadata", "service-tier"]);
    expect(lost(SONNET_45, { guardrailConfig: {} })).toEqual([]);
  });
});
