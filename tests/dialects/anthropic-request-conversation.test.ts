import { describe, expect, test } from "bun:test";
import { conversationOf, sent } from "./anthropic-requests.ts";

describe("conversation", () => {
  test("system, blocks of every kind, results first", () => {
    const messages = [
      {
        role: "user",
        content: [
          { type: "text", text: "look", cache_control: { type: "ephemeral", ttl: "1h" } },
          { type: "image", source: { type: "url", url: "https://x.test/a.png" } },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
          { type: "image", source: { type: "file", file_id: "file_1" } },
          {
            type: "document",
            source: { type: "base64", media_type: "application/pdf", data: "BBBB" },
            title: "T",
          },
          { type: "document", source: { type: "url", url: "https://x.test/a.pdf" } },
          {
            type: "document",
            source: { type: "text", media_type: "text/plain", data: "words" },
            context: "C",
            citations: { enabled: true },
          },
          { type: "hologram", beam: 1 },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "c2ln" },
          { type: "redacted_thinking", data: "cmVk" },
          { type: "text", text: "I ask." },
          { type: "tool_use", id: "toolu_1", name: "f", input: { a: 1 } },
          { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "text", text: "and?" },
          {
            type: "tool_result",
            tool_use_id: "toolu_1",
            is_error: true,
            content: [{ type: "text", text: "no" }],
          },
        ],
      },
    ];
    const conversation = conversationOf({ system: [{ type: "text", text: "Be brief." }], messages });
    expect(conversation.messages).toEqual([
      { role: "system", content: [{ kind: "text", text: "Be brief." }] },
      {
        role: "user",
        content: [
          { kind: "text", text: "look", cache: { ttl: "1h" } },
          { kind: "image", source: { from: "url", url: "https://x.test/a.png" } },
          { kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAA" } },
          { kind: "image", source: { from: "file", vendor: "anthropic", fileId: "file_1" } },
          {
            kind: "document",
            source: { from: "base64", mediaType: "application/pdf", data: "BBBB" },
            name: "T",
          },
          { kind: "document", source: { from: "url", url: "https://x.test/a.pdf" } },
          { kind: "document", source: { from: "text", text: "words" }, context: "C", citable: true },
          { kind: "other", dialect: "anthropic-messages", value: { type: "hologram", beam: 1 } },
        ],
      },
      {
        role: "assistant",
        content: [
          { kind: "reasoning", text: "hm", signature: { vendor: "anthropic", value: "c2ln" } },
          { kind: "reasoning", text: "", signature: { vendor: "anthropic", value: "cmVk", redacted: true } },
          { kind: "text", text: "I ask." },
          { kind: "tool-call", id: "toolu_1", name: "f", arguments: '{"a":1}' },
          {
            kind: "other",
            dialect: "anthropic-messages",
            value: { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} },
          },
        ],
      },
      { role: "tool", toolCallId: "toolu_1", content: [{ kind: "text", text: "no" }], isError: true },
      { role: "user", content: [{ kind: "text", text: "and?" }] },
    ]);
  });

  test("a document in blocks and a search result are text to others, and themselves to Anthropic", () => {
    const blocks = {
      type: "document",
      source: {
        type: "content",
        content: [
          { type: "text", text: "one" },
          { type: "text", text: "two" },
        ],
      },
    };
    const found = {
      type: "search_result",
      source: "https://x.test",
      title: "X",
      content: [{ type: "text", text: "passage" }],
      citations: { enabled: true },
    };
    const messages = [{ role: "user", content: [blocks, found] }];
    expect(conversationOf({ messages }).messages[0]?.content).toEqual([
      {
        kind: "document",
        source: { from: "text", text: "one\n\ntwo" },
        original: { dialect: "anthropic-messages", value: blocks },
      },
      {
        kind: "document",
        source: { from: "text", text: "passage" },
        name: "X",
        context: "https://x.test",
        citable: true,
        original: { dialect: "anthropic-messages", value: found },
      },
    ]);
    expect(sent({ messages })["messages"]).toEqual(messages);
  });

  test("settings, and what only Anthropic has", () => {
    const conversation = conversationOf({
      stop_sequences: ["END"],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 4,
      thinking: { type: "enabled", budget_tokens: 2000, display: "omitted" },
      output_config: {
        effort: "low",
        format: { type: "json_schema", schema: { type: "object", properties: {} } },
        task_budget: { type: "tokens", total: 20_000 },
      },
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      tools: [
        { name: "f", description: "d", input_schema: { type: "object" }, strict: true, defer_loading: true },
        { type: "web_search_20260318", name: "web_search" },
      ],
      metadata: { user_id: "u" },
      service_tier: "standard_only",
      container: "c_1",
    });
    expect(conversation).toMatchObject({
      sampling: { temperature: 0.5, topP: 0.9, topK: 4, stop: ["END"], maxOutputTokens: 4000 },
      reasoning: { mode: "on", budgetTokens: 2000, shown: "none", effort: "low" },
      responseFormat: { kind: "json-schema", schema: { type: "object", properties: {} } },
      toolChoice: { kind: "required" },
      parallelToolCalls: false,
      tools: [
        {
          kind: "function",
          name: "f",
          description: "d",
          parameters: { type: "object" },
          strict: true,
          extension: { dialect: "anthropic-messages", members: { defer_loading: true } },
        },
        {
          kind: "vendor",
          dialect: "anthropic-messages",
          value: { type: "web_search_20260318", name: "web_search" },
        },
      ],
      serviceTier: "default",
      extensions: {
        "anthropic-messages": {
          container: "c_1",
          output_config: { task_budget: { type: "tokens", total: 20_000 } },
        },
      },
    });
  });

  test("what only Anthropic has reaches Anthropic", () => {
    const body = sent({
      container: "c_1",
      output_config: { effort: "low", task_budget: { total: 1 } },
      thinking: { type: "adaptive", display: "updates" },
      tools: [{ name: "f", input_schema: { type: "object" }, eager_input_streaming: true }],
    });
    expect(body).toMatchObject({
      container: "c_1",
      output_config: { effort: "low", task_budget: { total: 1 } },
      thinking: { type: "adaptive", display: "updates" },
      tools: [{ name: "f", input_schema: { type: "object" }, eager_input_streaming: true }],
    });
  });
});
