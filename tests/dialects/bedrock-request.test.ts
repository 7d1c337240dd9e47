import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeRequest } from "../../src/dialects/bedrock-converse/encode-request.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { EncodedRequest } from "../../src/model/dialect.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { FamilyQuirks, Quirks } from "../../src/model/quirks.ts";
import { bedrock } from "../../src/providers/bedrock/bedrock.ts";
import { targetOf } from "../../src/routing/target.ts";
import { anyConversation } from "./any-conversation.ts";
import { chatRequest } from "./chat.ts";

const SONNET_45 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const OPUS_46 = "global.anthropic.claude-opus-4-6-v1";
const SONNET_5 = "global.anthropic.claude-sonnet-5";
const OPUS_55 = "global.anthropic.claude-opus-5-5";
const SONNET_55 = "global.anthropic.claude-sonnet-5-5";
const NOVA = "amazon.nova-pro-v1:0";
const NOVA_2 = "us.amazon.nova-2-lite-v1:0";
const GPT_OSS = "openai.gpt-oss-120b-1:0";
const LLAMA = "us.meta.llama4-scout-17b-instruct-v1:0";
const MISTRAL = "mistral.mistral-large-2402-v1:0";

/** What holds for a model by the provider's own families. */
function quirksFor(model: string): Quirks {
  const families: readonly FamilyQuirks[] = bedrock.quirks ?? [];
  const upstream = { ...EMPTY_UPSTREAM, quirks: families };
  return targetOf(upstream, model).quirks;
}

const EMPTY_UPSTREAM = {
  provider: "bedrock",
  endpoints: [],
  origin: "https://bedrock.test",
  headers: {},
  timeouts: { connectMs: 1, firstByteMs: 1, betweenBytesMs: 1, totalMs: 1 },
  errorClasses: {},
} as const;

function encoded(model: string, rest: JsonObject, change: Partial<Conversation> = {}): EncodedRequest {
  const request = chatRequest({ model, messages: [{ role: "user", content: "hi" }], ...rest });
  const conversation = { ...request.content(), ...change };
  return encodeRequest({ ...request, content: () => conversation }, { model, quirks: quirksFor(model) });
}

const bodyOf = (...parameters: Parameters<typeof encoded>): JsonObject =>
  JSON.parse(encoded(...parameters).body);

/** The features that were lost. */
const lost = (...parameters: Parameters<typeof encoded>): readonly string[] =>
  encoded(...parameters).losses.map(({ feature, field }) => field ?? feature);

const tool = (name: string): JsonObject => ({
  type: "function",
  function: { name, description: "d", parameters: { type: "object", properties: { a: { type: "string" } } } },
});
const schema = {
  type: "object",
  properties: { a: { type: "string" } },
  required: ["a"],
  additionalProperties: false,
};
const format = { type: "json_schema", json_schema: { name: "s", schema } };

describe("messages", () => {
  test("instructions stand first, sides take turns, results are the user's", () => {
    const messages = [
      { role: "system", content: "be kind" },
      { role: "developer", content: "be brief" },
      { role: "user", content: "one" },
      { role: "user", content: "two" },
      {
        role: "assistant",
        content: "let me see",
        tool_calls: [
          { id: "call_1", type: "function", function: { name: "f", arguments: '{"a":1}' } },
          { id: "call_2", type: "function", function: { name: "f", arguments: "" } },
        ],
      },
      { role: "tool", tool_call_id: "call_1", content: "1" },
      { role: "tool", tool_call_id: "call_2", content: "" },
      { role: "user", content: "and?" },
    ];
    expect(bodyOf(SONNET_45, { messages, tools: [tool("f")] })).toMatchObject({
      system: [{ text: "be kind" }, { text: "be brief" }],
      messages: [
        { role: "user", content: [{ text: "one" }, { text: "two" }] },
        {
          role: "assistant",
          content: [
            { text: "let me see" },
            { toolUse: { toolUseId: "call_1", name: "f", input: { a: 1 } } },
            { toolUse: { toolUseId: "call_2", name: "f", input: {} } },
          ],
        },
        {
          role: "user",
          content: [
            { toolResult: { toolUseId: "call_1", content: [{ text: "1" }] } },
            { toolResult: { toolUseId: "call_2", content: [{ text: "(no output)" }] } },
            { text: "and?" },
          ],
        },
      ],
    });
  });

  test("late instructions move to the beginning, and that is told", () => {
    const messages = [
      { role: "user", content: "one" },
      { role: "system", content: "be kind" },
    ];
    expect(bodyOf(SONNET_45, { messages })["system"]).toEqual([{ text: "be kind" }]);
    expect(lost(SONNET_45, { messages })).toEqual(["late-system-message"]);
  });

  test("a last turn of the assistant ends in no blank, and blank texts are left out", () => {
    const messages = [
      {
        role: "user",
        content: [
          { type: "text", text: "one" },
          { type: "text", text: " " },
        ],
      },
      { role: "assistant", content: "{ " },
    ];
    expect(bodyOf(SONNET_45, { messages })["messages"]).toEqual([
      { role: "user", content: [{ text: "one" }] },
      { role: "assistant", content: [{ text: "{" }] },
    ]);
  });

  test("images by their bytes or from S3; others are lost, and the model is told", () => {
    const image = (url: string) => ({ type: "image_url", image_url: { url } });
    const content = [
      image("data:image/jpg;base64,AAAA"),
      image("s3://bucket/a.jpg"),
      image("https://x.test/a.png"),
      image("data:image/tiff;base64,BBBB"),
    ];
    const rest = { messages: [{ role: "user", content }] };
    const standIn = { text: "[Here was an image, which this model can't be sent.]" };
    expect(bodyOf(SONNET_45, rest)["messages"]).toEqual([
      {
        role: "user",
        content: [
          { image: { format: "jpeg", source: { bytes: "AAAA" } } },
          { image: { format: "jpeg", source: { s3Location: { uri: "s3://bucket/a.jpg" } } } },
          standIn,
          standIn,
        ],
      },
    ]);
    expect(lost(SONNET_45, rest)).toEqual(["image-url", "image-base64"]);
  });

  test("documents have names that are plain and differ, and text beside them", () => {
    const pdf = { from: "base64", mediaType: "application/pdf", data: "AAAA" } as const;
    const messages: Conversation["messages"] = [
      {
        role: "user",
        content: [
          { kind: "document", source: pdf, name: "Q1_report (final).pdf" },
          { kind: "document", source: pdf, name: "Q1 report (final).pdf", citable: true, context: "c" },
          { kind: "document", source: { from: "text", text: "plain" } },
          { kind: "document", source: { from: "text", text: "cited" }, citable: true },
        ],
      },
    ];
    const { body, losses } = encoded(SONNET_45, {}, { messages });
    expect(JSON.parse(body).messages[0].content).toEqual([
      { text: "Here is the document." },
      { document: { format: "pdf", name: "Q1 report (final)", source: { bytes: "AAAA" } } },
      {
        document: {
          format: "pdf",
          name: "Q1 report (final) 2",
          source: { bytes: "AAAA" },
          context: "c",
          citations: { enabled: true },
        },
      },
      { document: { format: "txt", name: "document", source: { bytes: "cGxhaW4=" } } },
      {
        document: {
          format: "txt",
          name: "document 2",
          source: { text: "cited" },
          citations: { enabled: true },
        },
      },
    ]);
    expect(losses.map(({ feature }) => feature)).toEqual(["document-base64"]);
    expect(lost(NOVA, {}, { messages })).toEqual([
      "document-context",
      "document-citations",
      "document-base64",
    ]);
  });

  test("films and sounds by their bytes", () => {
    const film = { from: "base64", mediaType: "video/quicktime", data: "AAAA" } as const;
    const sound = { from: "base64", mediaType: "audio/wav", data: "BBBB" } as const;
    const messages: Conversation["messages"] = [
      {
        role: "user",
        content: [
          { kind: "video", source: film },
          { kind: "audio", source: sound },
        ],
      },
    ];
    expect(bodyOf("mistral.voxtral-small-24b-2507", {}, { messages })["messages"]).toEqual([
      {
        role: "user",
        content: [
          { video: { format: "mov", source: { bytes: "AAAA" } } },
          { audio: { format: "wav", source: { bytes: "BBBB" } } },
        ],
      },
    ]);
    expect(lost(SONNET_45, {}, { messages })).toEqual(["video", "audio"]);
    const away: Conversation["messages"] = [
      { role: "user", content: [{ kind: "video", source: { from: "url", url: "https://x.test/a.mp4" } }] },
    ];
    expect(lost(NOVA, {}, { messages: away })).toEqual(["video"]);
  });

  test("a tool's failure and its pictures", () => {
    const messages: Conversation["messages"] = [
      { role: "user", content: [{ kind: "text", text: "x" }] },
      { role: "assistant", content: [{ kind: "tool-call", id: "c", name: "f", arguments: "{}" }] },
      {
        role: "tool",
        toolCallId: "c",
        isError: true,
        cache: { ttl: "1h" },
        content: [{ kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAA" } }],
      },
    ];
    const result = { toolUseId: "c", content: [{ image: { format: "png", source: { bytes: "AAAA" } } }] };
    const turn = (body: JsonObject): unknown => (body["messages"] as JsonObject[])[2]?.["content"];
    expect(turn(bodyOf(SONNET_45, {}, { messages }))).toEqual([
      { toolResult: { ...result, status: "error" } },
      { cachePoint: { type: "default", ttl: "1h" } },
    ]);
    expect(turn(bodyOf("qwen.qwen3-vl-235b-a22b-v1:0", {}, { messages }))).toEqual([{ toolResult: result }]);
    expect(lost(LLAMA, {}, { messages })).toContain("tool-result-error");
  });

  test("signed reasoning goes back as it came; what is not signed, or another's, does not", () => {
    const messages: Conversation["messages"] = [
      { role: "user", content: [{ kind: "text", text: "x" }] },
      {
        role: "assistant",
        content: [
          { kind: "reasoning", text: "deep ", signature: { vendor: "anthropic", value: "sig" } },
          { kind: "reasoning", text: "", signature: { vendor: "anthropic", value: "hid", redacted: true } },
          { kind: "reasoning", text: "unsigned" },
          { kind: "reasoning", text: "other", signature: { vendor: "google", value: "g" } },
          { kind: "text", text: "so" },
        ],
      },
    ];
    expect((bodyOf(OPUS_46, {}, { messages })["messages"] as JsonObject[])[1]?.["content"]).toEqual([
      { reasoningContent: { reasoningText: { text: "deep ", signature: "sig" } } },
      { reasoningContent: { redactedContent: "hid" } },
      { text: "so" },
    ]);
    expect(lost(OPUS_46, {}, { messages })).toEqual(["reasoning-history"]);
    expect((bodyOf(NOVA, {}, { messages })["messages"] as JsonObject[])[1]?.["content"]).toEqual([
      { text: "so" },
    ]);
  });

  test("cache markers become cache points, behind what they mark", () => {
    const cache_control = { type: "ephemeral", ttl: "1h" };
    const rest = {
      messages: [
        { role: "system", content: [{ type: "text", text: "s", cache_control }] },
        { role: "user", content: [{ type: "text", text: "u", cache_control: { type: "ephemeral" } }] },
      ],
      tools: [{ ...tool("f"), cache_control }],
    };
    const long = { cachePoint: { type: "default", ttl: "1h" } };
    const short = { cachePoint: { type: "default" } };
    expect(bodyOf(SONNET_45, rest)).toMatchObject({
      system: [{ text: "s" }, long],
      messages: [{ role: "user", content: [{ text: "u" }, short] }],
      toolConfig: { tools: [{ toolSpec: { name: "f" } }, long] },
    });
    expect(bodyOf(NOVA, rest)).toMatchObject({ system: [{ text: "s" }, short] });
    expect(lost(NOVA, rest)).toEqual(["cache-marker"]);
    expect(JSON.stringify(bodyOf(LLAMA, rest))).not.toContain("cachePoint");
    expect(lost(LLAMA, rest)).toEqual(["cache-marker"]);
  });

  test("ids of calls in the form that a family takes, the same for call and result", () => {
    const id = "toolu_01:A/b".repeat(8);
    const messages = [
      { role: "user", content: "x" },
      { role: "assistant", tool_calls: [{ id, type: "function", function: { name: "f", arguments: "{}" } }] },
      { role: "tool", tool_call_id: id, content: "1" },
    ];
    for (const [model, form] of [
      [SONNET_45, /^[A-Za-z0-9_-]{1,64}$/],
      [MISTRAL, /^[A-Za-z0-9]{9}$/],
    ] as const) {
      const [, called, answered] = bodyOf(model, { messages, tools: [tool("f")] })[
        "messages"
      ] as JsonObject[];
      const written = JSON.stringify([called, answered]).matchAll(/"toolUseId":"([^"]+)"/g);
      const ids = [...written].map(([, one]) => one);
      expect(ids).toHaveLength(2);
      expect(ids[0]).toMatch(form);
      expect(ids[1]).toBe(ids[0] ?? "");
    }
  });
});

describe("tools", () => {
  const tools = [tool("f"), tool("g")];

  test("choices", () => {
    const configured = (tool_choice: unknown, model = SONNET_45, more: JsonObject = {}) => {
      const { toolConfig, additionalModelRequestFields: fields } = bodyOf(model, {
        tools,
        tool_choice,
        ...more,
      });
      return { choice: (toolConfig as JsonObject | undefined)?.["toolChoice"], fields };
    };
    expect(configured("auto")).toEqual({ choice: { auto: {} }, fields: undefined });
    expect(configured("required")).toEqual({ choice: { any: {} }, fields: undefined });
    expect(configured({ type: "function", function: { name: "g" } })).toEqual({
      choice: { tool: { name: "g" } },
      fields: undefined,
    });
    expect(configured("auto", SONNET_45, { parallel_tool_calls: false })).toEqual({
      choice: undefined,
      fields: { tool_choice: { type: "auto", disable_parallel_tool_use: true } },
    });
    expect(lost(NOVA, { tools, parallel_tool_calls: false })).toEqual(["parallel-tool-calls"]);
    expect(lost(LLAMA, { tools, tool_choice: "required" })).toEqual(["tool-choice"]);
  });

  test("none at all: not told of, or, where earlier turns hold calls, forbidden", () => {
    expect(bodyOf(SONNET_45, { tools, tool_choice: "none" })).not.toHaveProperty("toolConfig");
    const messages = [
      { role: "user", content: "x" },
      {
        role: "assistant",
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content: "1" },
    ];
    const told = bodyOf(SONNET_45, { messages, tools, tool_choice: "none" });
    expect(told["toolConfig"]).not.toHaveProperty("toolChoice");
    expect(told["additionalModelRequestFields"]).toEqual({ tool_choice: { type: "none" } });
    expect(lost(NOVA, { messages, tools, tool_choice: "none" })).toEqual(["tool-choice"]);
    const former = bodyOf(SONNET_45, { messages });
    expect(former).toMatchObject({
      toolConfig: { tools: [{ toolSpec: { name: "f", inputSchema: { json: { type: "object" } } } }] },
      additionalModelRequestFields: { tool_choice: { type: "none" } },
    });
  });

  test("free-form tools become functions, and so do their earlier calls", () => {
    const messages = [
      { role: "user", content: "x" },
      {
        role: "assistant",
        tool_calls: [{ id: "a", type: "custom", custom: { name: "run", input: "ls -l" } }],
      },
      { role: "tool", tool_call_id: "a", content: "1" },
    ];
    const { body, form } = encoded(SONNET_45, {
      messages,
      tools: [{ type: "custom", custom: { name: "run" } }],
    });
    expect(JSON.parse(body).messages[1].content).toEqual([
      { toolUse: { toolUseId: "a", name: "run", input: { input: "ls -l" } } },
    ]);
    expect(form).toEqual({ freeFormTools: ["run"] });
  });

  test("strict ones where the family has it", () => {
    const strict = { type: "function", function: { name: "f", strict: true } };
    expect(JSON.stringify(bodyOf(OPUS_46, { tools: [strict] }))).toContain('"strict":true');
    expect(lost(SONNET_55, { tools: [strict] })).toEqual(["strict-tools"]);
  });
});

describe("the form of an answer", () => {
  test("natively where the family takes it and the schema is closed", () => {
    expect(bodyOf(OPUS_46, { response_format: format })["outputConfig"]).toEqual({
      textFormat: {
        type: "json_schema",
        structure: { jsonSchema: { name: "s", schema: JSON.stringify(schema) } },
      },
    });
  });

  test("else by a tool that must be called", () => {
    const open = {
      type: "json_schema",
      json_schema: { name: "s", schema: { type: "object", properties: {} } },
    };
    for (const [model, asked] of [
      [NOVA, format],
      [OPUS_46, open],
      [SONNET_45, { type: "json_object" }],
    ] as const) {
      const { body, form, losses } = encoded(model, { response_format: asked });
      expect(form).toEqual({ jsonTool: "give_answer" });
      expect(losses).toEqual([]);
      expect(JSON.parse(body).toolConfig).toMatchObject({
        tools: [{ toolSpec: { name: "give_answer" } }],
        toolChoice: { tool: { name: "give_answer" } },
      });
    }
  });

  test("beside the client's own tools, any of them; where it demands one of its own, none is needed", () => {
    const tools = [tool("give_answer")];
    const { body, form } = encoded(NOVA, { response_format: format, tools });
    expect(form).toEqual({ jsonTool: "give_answer_" });
    expect(JSON.parse(body).toolConfig).toMatchObject({ toolChoice: { any: {} } });
    const demanded = { response_format: format, tools, tool_choice: "required" };
    expect(encoded(NOVA, demanded).form).toEqual({});
    expect(lost(NOVA, demanded)).toEqual(["json-schema"]);
  });

  test("where no tool can be forced, in words, and that is told", () => {
    const { body, form, losses } = encoded(SONNET_55, { response_format: format });
    expect(form).toEqual({ jsonTool: "give_answer" });
    expect(losses.map(({ feature }) => feature)).toEqual(["json-schema"]);
    expect(JSON.parse(body)).toMatchObject({
      system: [{ text: expect.stringContaining("`give_answer`") }],
      toolConfig: { toolChoice: { auto: {} } },
    });
  });
});

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

test("any conversation: sides take turns, nothing is empty, nothing is absent in JSON", () => {
  const efforts = ["none", "low", "medium", "high", "max"] as const;
  const sayable = {
    lacks: ["seed", "image-url"],
    signatures: ["anthropic"],
    maxTemperature: 1,
    efforts,
  } as const;
  fc.assert(
    fc.property(
      anyConversation(sayable),
      fc.constantFrom(SONNET_45, OPUS_46, NOVA_2, LLAMA, MISTRAL),
      (value, model) => {
        const body = bodyOf(model, {}, value);
        const messages = body["messages"] as { role: string; content: JsonObject[] }[];
        messages.forEach(({ role, content }, index) => {
          expect(role).not.toBe(messages[index + 1]?.role ?? "");
          expect(content.length).toBeGreaterThan(0);
        });
        const calls = messages.flatMap(({ content }) => content.flatMap(({ toolUse }) => toolUse ?? []));
        const results = messages.flatMap(({ content }) =>
          content.flatMap(({ toolResult }) => toolResult ?? []),
        );
        const idOf = (one: unknown): unknown => (one as JsonObject)["toolUseId"];
        expect(results.map(idOf)).toEqual(calls.map(idOf));
        if (calls.length > 0) expect(body).toHaveProperty("toolConfig");
      },
    ),
    { numRuns: 300 },
  );
});
