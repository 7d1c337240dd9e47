import { describe, expect, test } from "bun:test";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { again, asked, conversationOf, fromChat, quirksFor } from "./gemini-requests.ts";
import { googleRequest } from "./google.ts";

describe("settings", () => {
  test("settings with no canonical form reach this same dialect", () => {
    const rest = {
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      generationConfig: { speechConfig: { languageCode: "de-DE" }, mediaResolution: "MEDIA_RESOLUTION_LOW" },
      toolConfig: { retrievalConfig: { languageCode: "de" } },
      tools: [{ googleSearch: {} }, { urlContext: {} }],
    };
    expect(again(asked(rest))).toEqual(asked(rest));
  });

  test("to another vendor they are lost, each by its name", () => {
    const body = asked({
      safetySettings: [],
      generationConfig: { speechConfig: {}, responseModalities: ["TEXT"] },
      tools: [{ googleSearch: {} }],
    });
    const { losses } = encodeChat(googleRequest(body), { model: "m", quirks: {} });
    expect(losses.map(({ feature, field }) => [feature, field])).toEqual([
      ["extension", "safetySettings"],
      ["extension", "generationConfig.speechConfig"],
      ["vendor-tools", undefined],
    ]);
  });

  test("thinking, both ways", () => {
    const reasoning = (thinkingConfig: JsonObject) =>
      conversationOf(asked({ generationConfig: { thinkingConfig } })).reasoning;
    expect(reasoning({ thinkingBudget: 0 })).toEqual({ mode: "off" });
    expect(reasoning({ thinkingBudget: -1, includeThoughts: true })).toEqual({
      mode: "adaptive",
      shown: "auto",
    });
    expect(reasoning({ thinkingBudget: 500 })).toEqual({ mode: "on", budgetTokens: 500 });
    expect(reasoning({ thinkingLevel: "LOW", includeThoughts: false })).toEqual({
      effort: "low",
      shown: "none",
    });
    expect(reasoning({ thinkingLevel: "THINKING_LEVEL_UNSPECIFIED" })).toBeUndefined();
  });

  test("effort by what the model's family takes", () => {
    const thinking = (model: string, effort: string) => {
      const quirks = quirksFor(model);
      const { sent, losses } = fromChat({ reasoning_effort: effort }, quirks);
      const config = sent["generationConfig"] as JsonObject | undefined;
      return [config?.["thinkingConfig"], losses.map(({ feature }) => feature)];
    };
    const noted = ["reasoning-effort"];
    expect(thinking("gemini-3.8-flash", "medium")).toEqual([{ thinkingLevel: "MEDIUM" }, []]);
    expect(thinking("gemini-3.8-flash", "minimal")).toEqual([{ thinkingLevel: "LOW" }, noted]);
    expect(thinking("gemini-3.8-flash", "none")).toEqual([{ thinkingLevel: "LOW" }, noted]);
    expect(thinking("gemini-3-flash-preview", "minimal")).toEqual([{ thinkingLevel: "MINIMAL" }, []]);
    expect(thinking("gemini-3-pro-preview", "medium")).toEqual([{ thinkingLevel: "LOW" }, noted]);
    expect(thinking("gemini-3.1-pro-preview", "xhigh")).toEqual([{ thinkingLevel: "HIGH" }, noted]);
    expect(thinking("gemini-2.5-flash", "none")).toEqual([{ thinkingBudget: 0 }, []]);
    expect(thinking("gemini-2.5-flash", "xhigh")).toEqual([{ thinkingBudget: 24_576 }, []]);
    expect(thinking("gemini-2.5-pro", "none")).toEqual([{ thinkingBudget: 128 }, noted]);
    expect(thinking("gemini-2.5-flash-lite", "low")).toEqual([{ thinkingBudget: 1_024 }, []]);
    expect(thinking("gemini-2.0-flash", "low")).toEqual([undefined, noted]);
    expect(thinking("gemini-7-neon", "high")).toEqual([{ thinkingLevel: "HIGH" }, []]);
  });

  test("formats: the older members, the newer one, Google's schema and JSON Schema", () => {
    const format = (generationConfig: JsonObject) =>
      conversationOf(asked({ generationConfig })).responseFormat;
    const schema = { type: "object", properties: { a: { type: ["string", "null"] } }, required: ["a"] };
    const json = { kind: "json-schema", name: "response", schema } as const;
    const responseMimeType = "application/json";
    expect(
      format({
        responseMimeType,
        responseSchema: {
          type: "OBJECT",
          properties: { a: { type: "STRING", nullable: true } },
          required: ["a"],
        },
      }),
    ).toEqual(json);
    expect(format({ responseMimeType, responseJsonSchema: schema })).toEqual(json);
    expect(format({ responseFormat: [{ text: { mimeType: "APPLICATION_JSON", schema } }] })).toEqual(json);
    expect(format({ responseMimeType })).toEqual({ kind: "json-object" });
    expect(format({ responseMimeType: "text/plain" })).toBeUndefined();
    const anEnum = { responseMimeType: "text/x.enum", responseSchema: { type: "STRING", enum: ["a"] } };
    expect(format(anEnum)).toBeUndefined();
    expect(again(asked({ generationConfig: anEnum }))).toEqual(asked({ generationConfig: anEnum }));
  });

  test("tool choices", () => {
    const choice = (functionCallingConfig: JsonObject) =>
      conversationOf(asked({ toolConfig: { functionCallingConfig } })).toolChoice;
    expect(choice({ mode: "AUTO" })).toEqual({ kind: "auto" });
    expect(choice({ mode: "NONE" })).toEqual({ kind: "none" });
    expect(choice({ mode: "ANY" })).toEqual({ kind: "required" });
    expect(choice({ mode: "ANY", allowedFunctionNames: ["f"] })).toEqual({ kind: "tool", name: "f" });
    const both = ["f", "g"];
    expect(choice({ mode: "ANY", allowedFunctionNames: both })).toEqual({
      kind: "allowed",
      mode: "required",
      names: both,
    });
    expect(choice({ mode: "VALIDATED", allowedFunctionNames: both })).toEqual({
      kind: "allowed",
      mode: "auto",
      names: both,
    });
    const declared = { tools: [{ functionDeclarations: [{ name: "f" }, { name: "g" }] }] };
    for (const functionCallingConfig of [
      { mode: "AUTO" },
      { mode: "NONE" },
      { mode: "ANY" },
      { mode: "VALIDATED" },
      { mode: "ANY", allowedFunctionNames: ["f"] },
      { mode: "VALIDATED", allowedFunctionNames: both },
    ]) {
      const body = asked({ ...declared, toolConfig: { functionCallingConfig } });
      expect(again(body)).toEqual(body);
    }
  });

  test("service tiers, store and labels", () => {
    const body = asked({ serviceTier: "flex", store: false, labels: { team: "gate" } });
    expect(conversationOf(body)).toMatchObject({
      serviceTier: "flex",
      store: false,
      metadata: { team: "gate" },
    });
    expect(again(body)).toEqual(body);
    expect(fromChat({ service_tier: "default" }).sent["serviceTier"]).toBe("standard");
    expect(fromChat({ service_tier: "auto" }).sent["serviceTier"]).toBeUndefined();
    expect(fromChat({ service_tier: "gold" }).losses).toEqual([
      { feature: "service-tier", done: "left out" },
    ]);
  });

  test("ranges: five stop sequences, a temperature of 2, a seed of 32 bits", () => {
    const { sent, losses } = fromChat({
      stop: ["a", "b", "c", "d", "e", "f"],
      temperature: 3,
      seed: 2 ** 40 + 5,
    });
    expect(sent["generationConfig"]).toEqual({
      stopSequences: ["a", "b", "c", "d", "e"],
      temperature: 2,
      seed: 5,
    });
    expect(losses.map(({ feature }) => feature).sort()).toEqual(["seed", "stop", "temperature"]);
  });
});
