import { describe, expect, test } from "bun:test";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import { encodeRequest } from "../../src/dialects/openai-responses/encode-request.ts";
import { carrySignature } from "../../src/dialects/translation/carried-signature.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Signature } from "../../src/model/signature.ts";
import { responsesRequest } from "./responses.ts";
import { conversationOf, encoded, said, sent, target } from "./responses-requests.ts";

/** What every translated request says. */
const stateless = { model: "m", include: ["reasoning.encrypted_content"], store: false };

describe("input", () => {
  test("instructions and a text", () => {
    expect(conversationOf({ instructions: "Be brief.", input: "hi" }).messages).toEqual([
      { role: "system", content: [{ kind: "text", text: "Be brief." }] },
      { role: "user", content: [{ kind: "text", text: "hi" }] },
    ]);
  });

  test("content parts", () => {
    const content = [
      { type: "input_text", text: "look" },
      { type: "input_image", image_url: "https://x.test/a.png", detail: "low" },
      { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
      { type: "input_image", file_id: "file-2", detail: "auto" },
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,CCCC" },
      { type: "input_file", file_url: "https://x.test/b.pdf" },
      { type: "input_file", file_id: "file-1" },
    ];
    expect(conversationOf({ input: [said("user", content)] }).messages[0]?.content).toEqual([
      { kind: "text", text: "look" },
      { kind: "image", source: { from: "url", url: "https://x.test/a.png" }, detail: "low" },
      { kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAA" } },
      { kind: "image", source: { from: "file", vendor: "openai", fileId: "file-2" } },
      {
        kind: "document",
        source: { from: "base64", mediaType: "application/pdf", data: "CCCC" },
        name: "a.pdf",
      },
      { kind: "document", source: { from: "url", url: "https://x.test/b.pdf" } },
      { kind: "document", source: { from: "file", vendor: "openai", fileId: "file-1" } },
    ]);
    expect(sent({ input: [said("user", content)] })).toEqual({
      ...stateless,
      input: [said("user", content)],
    });
  });

  test("sound is told of to providers that take none, and kept for those that do", () => {
    const audio = { type: "input_audio", input_audio: { data: "BBBB", format: "mp3" } };
    const input = [said("user", [audio])];
    expect(encoded({ input }).losses.map(({ feature }) => feature)).toEqual(["audio"]);
    expect(JSON.parse(encoded({ input }, { has: ["audio"] }).body).input).toEqual(input);
  });

  test("items of one turn are one message; what follows the other keeps its place", () => {
    const input = [
      said("developer", "d"),
      said("user", "u"),
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "hm" }],
        encrypted_content: "e",
      },
      said("assistant", "I look."),
      { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
      { type: "custom_tool_call", call_id: "b", name: "g", input: "go" },
      { type: "function_call_output", call_id: "a", output: "1" },
      {
        type: "custom_tool_call_output",
        call_id: "b",
        output: [{ type: "input_image", image_url: "https://x.test/a.png", detail: "auto" }],
      },
    ];
    expect(conversationOf({ input }).messages).toEqual([
      { role: "developer", content: [{ kind: "text", text: "d" }] },
      { role: "user", content: [{ kind: "text", text: "u" }] },
      {
        role: "assistant",
        content: [
          { kind: "reasoning", text: "hm", signature: { vendor: "openai", value: "e", id: "rs_1" } },
          { kind: "text", text: "I look." },
          { kind: "tool-call", id: "a", name: "f", arguments: "{}" },
          { kind: "tool-call", id: "b", name: "g", arguments: "go", freeForm: true },
        ],
      },
      { role: "tool", toolCallId: "a", content: [{ kind: "text", text: "1" }] },
      {
        role: "tool",
        toolCallId: "b",
        content: [{ kind: "image", source: { from: "url", url: "https://x.test/a.png" } }],
      },
    ]);
    expect(sent({ input }).input).toEqual(input);
  });

  test("a vendor's own items, and parts that nobody has heard of, stay in their place", () => {
    const input = [
      said("user", "u"),
      { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } },
      said("assistant", "found"),
      { type: "computer_call_output", call_id: "c", output: { type: "computer_screenshot" } },
      said("user", [{ type: "hologram", beam: 1 }]),
      { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
      {
        type: "function_call_output",
        call_id: "a",
        output: [{ type: "input_text", text: "see" }, { type: "hologram" }],
      },
    ];
    expect(sent({ input }).input).toEqual(input);
    const { body, losses } = encodeChat(responsesRequest({ input }), target);
    expect(losses.map(({ feature }) => feature)).toEqual(["vendor-part"]);
    // Of what held nothing else, nothing is left.
    expect(JSON.parse(body).messages).toEqual([
      { role: "user", content: "u" },
      { role: "assistant", content: "found" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content: "see" },
    ]);
  });

  test("another vendor's proof comes back as what it is, a call's with its call", () => {
    const anthropic: Signature = { vendor: "anthropic", value: "s", id: "x" };
    const google: Signature = { vendor: "google", value: "g", id: "call:a" };
    const item = (signature: Signature, text: string): JsonObject => ({
      type: "reasoning",
      id: "rs_made_up",
      summary: text === "" ? [] : [{ type: "summary_text", text }],
      encrypted_content: carrySignature(signature, "openai"),
    });
    const call = { type: "function_call", call_id: "a", name: "f", arguments: "{}" };
    const input = [item(anthropic, "hm"), item(google, ""), call];
    expect(conversationOf({ input }).messages).toEqual([
      {
        role: "assistant",
        content: [
          { kind: "reasoning", text: "hm", signature: anthropic },
          {
            kind: "tool-call",
            id: "a",
            name: "f",
            arguments: "{}",
            signature: { vendor: "google", value: "g" },
          },
        ],
      },
    ]);
    // OpenAI refuses another's proof.
    expect(encoded({ input }).losses.map(({ feature }) => feature)).toEqual([
      "reasoning-history",
      "signature",
    ]);
    expect(sent({ input }).input).toEqual([call]);
  });

  test("another vendor's proof keeps the bytes from going to OpenAI as they are", () => {
    const wrapped = `gatehouse:anthropic:${Buffer.from('{"value":"v"}').toString("base64url")}`;
    const item = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: wrapped };
    const request = responsesRequest({ input: [item, said("user", "x")] });
    expect(request.original?.isForeign).toBe(true);
    expect(responsesRequest({ input: [said("user", "x")] }).original?.isForeign).toBeUndefined();
    const { body, losses } = encodeRequest(request, { model: "m", quirks: {} });
    expect(body).not.toContain("gatehouse:");
    expect(losses.map(({ feature }) => feature)).toEqual(["reasoning-history"]);
  });

  test("raw reasoning goes to servers that take it", () => {
    const content = [{ type: "reasoning_text", text: "hm" }];
    const input = [{ type: "reasoning", id: "rs_0", summary: [], content }];
    expect(JSON.parse(encoded({ input }, { has: ["reasoning-history"] }).body).input).toEqual(input);
    expect(encoded({ input }).losses.map(({ feature }) => feature)).toEqual(["reasoning-history"]);
  });
});
