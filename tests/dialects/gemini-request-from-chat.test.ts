import { describe, expect, test } from "bun:test";
import { encodeRequest } from "../../src/dialects/gemini/encode-request.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Quirks } from "../../src/model/quirks.ts";
import { chatRequest } from "./chat.ts";
import { fromChat, quirksFor, wrapped } from "./gemini-requests.ts";

describe("from OpenAI's chat", () => {
  const tool = { type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } };
  const called = (rest: JsonObject = {}): JsonObject => ({
    role: "assistant",
    content: null,
    tool_calls: [
      {
        id: "c1",
        type: "function",
        function: { name: "f", arguments: '{"n":12345678901234567890}' },
        ...rest,
      },
      { id: "c2", type: "function", function: { name: "g", arguments: "" } },
    ],
  });
  const results = [
    { role: "tool", tool_call_id: "c2", content: "two" },
    { role: "tool", tool_call_id: "c1", content: "one" },
  ];

  test("system messages become the instruction, later ones the user's", () => {
    const messages = [
      { role: "system", content: "a" },
      { role: "developer", content: "b" },
      { role: "user", content: "c" },
      { role: "system", content: "d" },
    ];
    const { sent, losses } = fromChat({ messages });
    expect(sent).toEqual({
      systemInstruction: { parts: [{ text: "a" }, { text: "b" }] },
      contents: [
        { role: "user", parts: [{ text: "c" }] },
        { role: "user", parts: [{ text: "d" }] },
      ],
    });
    expect(losses.map(({ feature }) => feature)).toEqual(["late-system-message"]);
    const gemma = fromChat({ messages: messages.slice(0, 3) }, quirksFor("gemma-3-27b-it")).sent;
    expect(gemma["systemInstruction"]).toBeUndefined();
    expect(gemma["contents"]).toEqual([
      { role: "user", parts: [{ text: "a" }, { text: "b" }] },
      { role: "user", parts: [{ text: "c" }] },
    ]);
    expect(fromChat({ messages: [messages[0]] }).sent["contents"]).toEqual([
      { role: "user", parts: [{ text: "a" }] },
    ]);
  });

  test("results stand together, in the order of their calls, named by them; no number is rounded", () => {
    const messages = [{ role: "user", content: "x" }, called(), ...results];
    const request = chatRequest({ model: "m", messages });
    const { body } = encodeRequest(request, { model: "m", quirks: {} });
    expect(body).toContain('"args":{"n":12345678901234567890}');
    const contents = JSON.parse(body)["contents"];
    expect(contents[1].parts.map((part: JsonObject) => part["functionCall"])).toMatchObject([
      { id: "c1", name: "f" },
      { id: "c2", name: "g", args: {} },
    ]);
    expect(contents[2]).toEqual({
      role: "user",
      parts: [
        { functionResponse: { id: "c1", name: "f", response: { output: "one" } } },
        { functionResponse: { id: "c2", name: "g", response: { output: "two" } } },
      ],
    });
    const bare = fromChat({ messages }, { toolCallIds: "none" }).sent;
    expect(JSON.stringify(bare)).not.toContain('"id"');
  });

  test("a call's proof comes back; without one Google's stand-in is sent where it is demanded", () => {
    const proofs = (message: JsonObject, quirks: Quirks) => {
      const { sent } = fromChat({ messages: [{ role: "user", content: "x" }, message, ...results] }, quirks);
      const [, turn] = sent["contents"] as readonly { parts: readonly JsonObject[] }[];
      return turn?.parts.map((part) => part["thoughtSignature"]);
    };
    const signed = called({ extra_content: { google: { thought_signature: "c2ln" } } });
    const newest = quirksFor("gemini-3.8-flash");
    expect(proofs(signed, newest)).toEqual(["c2ln", undefined]);
    expect(proofs(called(), newest)).toEqual(["skip_thought_signature_validator", undefined]);
    expect(proofs(called(), quirksFor("gemini-2.5-flash"))).toEqual([undefined, undefined]);
    const foreign = called({ extra_content: { google: { thought_signature: wrapped("anthropic") } } });
    expect(proofs(foreign, newest)).toEqual(["skip_thought_signature_validator", undefined]);
  });

  test("images by address and bytes, documents, sound", () => {
    const content = [
      { type: "image_url", image_url: { url: "https://x.test/a.png?b=1" } },
      { type: "image_url", image_url: { url: "https://x.test/a" } },
      { type: "image_url", image_url: { url: "data:image/webp;base64,AAAA" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,CCCC" } },
      { type: "input_audio", input_audio: { data: "BBBB", format: "mp3" } },
    ];
    const { sent, losses } = fromChat({ messages: [{ role: "user", content }] });
    expect(sent["contents"]).toEqual([
      {
        role: "user",
        parts: [
          { fileData: { mimeType: "image/png", fileUri: "https://x.test/a.png?b=1" } },
          { fileData: { mimeType: "image/jpeg", fileUri: "https://x.test/a" } },
          { inlineData: { mimeType: "image/webp", data: "AAAA" } },
          { inlineData: { mimeType: "application/pdf", data: "CCCC" } },
          { inlineData: { mimeType: "audio/mp3", data: "BBBB" } },
        ],
      },
    ]);
    expect(losses).toEqual([]);
  });

  test("JSON beside functions, where the family refuses it, becomes a function itself", () => {
    const response_format = {
      type: "json_schema",
      json_schema: { name: "s", schema: { type: "object", properties: { a: { const: 1 } } } },
    };
    const schema = { type: "object", properties: { a: { enum: [1] } } };
    const native = fromChat({ tools: [tool], response_format }, quirksFor("gemini-3.8-flash"));
    expect(native.form).toEqual({});
    expect(native.sent["generationConfig"]).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: schema,
    });
    const older = quirksFor("gemini-2.5-flash");
    const forced = fromChat({ tools: [tool], response_format }, older);
    expect(forced.form).toEqual({ jsonTool: "give_answer" });
    expect(forced.sent["generationConfig"]).toBeUndefined();
    expect(forced.sent["toolConfig"]).toEqual({ functionCallingConfig: { mode: "ANY" } });
    expect(JSON.stringify(forced.sent["tools"])).toContain(JSON.stringify(schema));
    const barred = fromChat({ tools: [tool], tool_choice: "none", response_format }, older);
    expect(barred.sent["tools"]).toBeUndefined();
    expect(barred.sent["generationConfig"]).toHaveProperty("responseJsonSchema");
    const decided = fromChat({ tools: [tool], tool_choice: "required", response_format }, older);
    expect(decided.form).toEqual({});
    expect(decided.losses).toEqual([{ feature: "json-schema", done: "left out: a tool must be called" }]);
    const namesake = fromChat(
      { tools: [{ type: "function", function: { name: "give_answer" } }], response_format },
      older,
    );
    expect(namesake.form).toEqual({ jsonTool: "give_answer_" });
    expect(decided.sent["generationConfig"]).toBeUndefined();
    expect(fromChat({ response_format }, older).sent["generationConfig"]).toHaveProperty(
      "responseJsonSchema",
    );
  });

  test("what has no counterpart is noted", () => {
    const { losses } = fromChat(
      {
        user: "u",
        metadata: { a: "b" },
        parallel_tool_calls: false,
        tools: [tool],
        verbosity: "low",
        prompt_cache_key: "k",
        logit_bias: { "1": 1 },
      },
      {},
    );
    expect(losses.map(({ feature }) => feature).sort()).toEqual([
      "cache-key",
      "end-user",
      "extension",
      "metadata",
      "parallel-tool-calls",
      "verbosity",
    ]);
  });
});
