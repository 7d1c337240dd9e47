import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Conversation } from "../../src/model/conversation.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { anyConversation } from "./any-conversation.ts";
import { bodyOf, LLAMA, lost, NOVA, NOVA_2, OPUS_46, SONNET_45, tool } from "./bedrock-requests.ts";

const MISTRAL = "mistral.mistral-large-2402-v1:0";

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
