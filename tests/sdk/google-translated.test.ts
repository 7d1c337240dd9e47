import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { FinishReason, type GenerateContentResponse, Type } from "@google/genai";
import { APIError, type OpenAI } from "openai";
import type { CallRecord } from "../upstream/client.ts";
import { openaiClient } from "./clients.ts";
import { type GooglePair, outcomeOf, startGooglePair } from "./google-clients.ts";

/** Google's SDK before a provider that speaks OpenAI's dialect, and OpenAI's SDK before one that speaks Google's. */

let pair: GooglePair;
let openai: OpenAI;
beforeAll(async () => {
  pair = await startGooglePair();
  openai = openaiClient({ url: pair.gateway.url, key: pair.gateway.virtualKey });
});
afterAll(() => pair.dispose());
beforeEach(async () => {
  await pair.upstream.clearScenarios();
  await pair.upstream.clearCalls();
});

const sentIn = (call: CallRecord | undefined) => JSON.parse(call?.bodyText ?? "null");
const lastSent = async () => sentIn((await pair.upstream.calls()).at(-1));

async function chunksOf(
  stream: AsyncIterable<GenerateContentResponse>,
): Promise<readonly GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe("@google/genai before OpenAI's chat completions", () => {
  const model = "chat/gate-1";
  const contents = "Who stands at the gate?";
  const answer = (recording: string) => ({ body: { kind: "as-asked", recording } }) as const;

  test("text, whole and streamed, with usage", async () => {
    await pair.upstream.scenario("gate-1", answer("openai/openai-chat-text"));
    const whole = await pair.through.models.generateContent({ model, contents });
    expect(whole.text).toBeString();
    expect(whole.candidates?.[0]?.finishReason).toBe(FinishReason.STOP);
    expect(whole.usageMetadata?.promptTokenCount).toBeGreaterThan(0);
    await pair.upstream.scenario("gate-1", {
      body: { kind: "stream-recording", recording: "openai/openai-chat-usage" },
    });
    const chunks = await chunksOf(await pair.through.models.generateContentStream({ model, contents }));
    expect(chunks.map((chunk) => chunk.text ?? "").join("")).not.toBe("");
    const last = chunks.at(-1);
    expect(last?.candidates?.[0]?.finishReason).toBe(FinishReason.STOP);
    expect(last?.usageMetadata?.candidatesTokenCount).toBeGreaterThan(0);
    expect(await lastSent()).toMatchObject({
      model: "gate-1",
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test("a chat with tools, of two turns", async () => {
    await pair.upstream.scenario("gate-1", [
      answer("openai/openai-chat-tool-calls"),
      answer("openai/openai-chat-text"),
    ]);
    const chat = pair.through.chats.create({
      model,
      config: {
        systemInstruction: "Guard the gate.",
        tools: [
          {
            functionDeclarations: [
              {
                name: "look",
                parameters: { type: Type.OBJECT, properties: { side: { type: Type.STRING } } },
              },
            ],
          },
        ],
      },
    });
    const first = await chat.sendMessage({ message: "look around" });
    const calls = first.functionCalls ?? [];
    expect(calls.length).toBe(2);
    expect(first.candidates?.[0]?.finishReason).toBe(FinishReason.STOP);
    const second = await chat.sendMessage({
      message: calls.map(({ id = "", name = "" }) => ({
        functionResponse: { id, name, response: { output: `nothing from ${name}` } },
      })),
    });
    expect(second.text).toBeString();
    const { messages, tools } = await lastSent();
    expect(tools).toEqual([
      {
        type: "function",
        function: { name: "look", parameters: { type: "object", properties: { side: { type: "string" } } } },
      },
    ]);
    expect(messages.map(({ role }: { role: string }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "tool",
      "tool",
    ]);
    const ids = messages[2].tool_calls.map(({ id }: { id: string }) => id);
    expect(messages.slice(3).map((message: { tool_call_id: string }) => message.tool_call_id)).toEqual(ids);
  });

  test("streamed tool calls come whole", async () => {
    await pair.upstream.scenario("gate-1", answer("openai/openai-chat-tool-calls"));
    const whole = await pair.through.models.generateContent({ model, contents });
    const chunks = await chunksOf(await pair.through.models.generateContentStream({ model, contents }));
    expect(chunks.flatMap((chunk) => chunk.functionCalls ?? [])).toEqual(whole.functionCalls ?? []);
  });

  test("structured output, an image, settings", async () => {
    await pair.upstream.scenario("gate-1", answer("openai/openai-chat-text"));
    await pair.through.models.generateContent({
      model,
      contents: [
        {
          role: "user",
          parts: [{ text: "?" }, { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }],
        },
      ],
      config: {
        responseMimeType: "application/json",
        responseSchema: { type: Type.OBJECT, properties: { a: { type: Type.STRING, nullable: true } } },
        temperature: 0.5,
        maxOutputTokens: 77,
        stopSequences: ["END"],
        thinkingConfig: { thinkingBudget: 1_024 },
      },
    });
    expect(await lastSent()).toMatchObject({
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
          ],
        },
      ],
      response_format: {
        type: "json_schema",
        json_schema: { schema: { type: "object", properties: { a: { type: ["string", "null"] } } } },
      },
      temperature: 0.5,
      max_tokens: 77,
      stop: ["END"],
      reasoning_effort: "low",
    });
  });

  test("what is lost is said", async () => {
    await pair.upstream.scenario("gate-1", answer("openai/openai-chat-text"));
    const response = await fetch(`${pair.gateway.url}/v1beta/models/${model}:generateContent`, {
      method: "POST",
      headers: { "x-goog-api-key": pair.gateway.virtualKey },
      body: JSON.stringify({
        contents: [{ parts: [{ text: "hi" }] }],
        generationConfig: { topK: 5 },
        tools: [{ googleSearch: {} }],
      }),
    });
    expect(response.headers.get("x-gatehouse-warnings")).toBe(
      "tools[] (chat): left out; generationConfig.topK (chat): left out",
    );
  });

  test("a refusal is an ApiError with its status", async () => {
    await pair.upstream.scenario("gate-1", {
      body: { kind: "recording", recording: "openai/openai-error-429" },
      status: 429,
      headers: { "retry-after": "7" },
    });
    const { error } = await outcomeOf(() => pair.through.models.generateContent({ model, contents }));
    expect(error).toMatchObject({ name: "ApiError", status: 429 });
    expect(JSON.parse(error?.message ?? "").error).toMatchObject({
      status: "RESOURCE_EXHAUSTED",
      details: [{}, { retryDelay: "7s" }],
    });
  });

  test("embeddings, one and several", async () => {
    const vector = (index: number) => ({ object: "embedding", index, embedding: [index, 0.5] });
    const usage = { prompt_tokens: 4, total_tokens: 4 };
    const list = (count: number) => {
      const data = Array.from({ length: count }, (_, index) => vector(index));
      const body = {
        kind: "text",
        text: JSON.stringify({ object: "list", data, model: "m", usage }),
      } as const;
      return pair.upstream.scenarios({ "/v1/embeddings": { body } });
    };
    await list(1);
    const one = await pair.through.models.embedContent({ model, contents });
    expect(one.embeddings).toMatchObject([{ values: [0, 0.5] }]);
    await list(2);
    const two = await pair.through.models.embedContent({ model, contents: ["a", "b"] });
    expect(two.embeddings).toMatchObject([{ values: [0, 0.5] }, { values: [1, 0.5] }]);
  });
});

describe("openai before Google's generateContent", () => {
  const model = "gemini/gemini-3.8-flash";
  const messages = [{ role: "user" as const, content: "Who stands at the gate?" }];
  const path = (action: string): string => `/v1beta/models/gemini-3.8-flash:${action}`;
  const recorded = (recording: string) =>
    pair.upstream.scenarios({
      [path("generateContent")]: { body: { kind: "recording", recording: `google/${recording}` } },
      [path("streamGenerateContent")]: {
        body: { kind: "stream-recording", recording: `google/${recording}`, newline: "crlf" },
      },
    });

  test("text, whole and streamed, with usage in the last chunk", async () => {
    await recorded("google-generate-thoughts");
    const whole = await openai.chat.completions.create({ model, messages });
    expect(whole.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "Ada is." } });
    expect(whole.usage).toMatchObject({
      prompt_tokens: 12,
      completion_tokens: 43,
      total_tokens: 55,
      completion_tokens_details: { reasoning_tokens: 40 },
    });
    const stream = openai.chat.completions.stream({
      model,
      messages,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message).toMatchObject({ content: "Ada is." });
    expect(final.usage).toEqual(whole.usage);
  });

  test("tool calls of two turns: the proof comes back to Google in the second", async () => {
    await recorded("google-generate-calls");
    const tools = [{ type: "function", function: { name: "open_gate", parameters: {} } }] as const;
    const whole = await openai.chat.completions.create({ model, messages, tools: [...tools] });
    const stream = openai.chat.completions.stream({ model, messages, tools: [...tools] });
    const streamed = await stream.finalChatCompletion();
    const said = whole.choices[0]?.message;
    if (said === undefined) throw new Error("no message");
    expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
    expect(streamed.choices[0]?.finish_reason).toBe("tool_calls");
    expect(streamed.choices[0]?.message.tool_calls).toMatchObject(
      (said.tool_calls ?? []).map((call) =>
        call.type === "function" ? { id: call.id, function: call.function } : {},
      ),
    );
    expect(said.tool_calls?.[0]).toHaveProperty(
      "extra_content.google.thought_signature",
      "c2lnbmF0dXJlLW9mLWEtY2FsbA==",
    );
    const results = (said.tool_calls ?? []).map(({ id }) => ({
      role: "tool" as const,
      tool_call_id: id,
      content: "done",
    }));
    await recorded("google-generate-text");
    await openai.chat.completions.create({
      model,
      messages: [...messages, said, ...results],
      tools: [...tools],
    });
    const { contents } = await lastSent();
    expect(contents[1].parts).toEqual([
      {
        functionCall: { id: "fc-1", name: "open_gate", args: { gate: "north", seconds: 30 } },
        thoughtSignature: "c2lnbmF0dXJlLW9mLWEtY2FsbA==",
      },
      { functionCall: { id: "fc-2", name: "ring_bell", args: {} } },
    ]);
    expect(contents[2].parts).toMatchObject([
      { functionResponse: { id: "fc-1", name: "open_gate", response: { output: "done" } } },
      { functionResponse: { id: "fc-2", name: "ring_bell", response: { output: "done" } } },
    ]);
    const { extra_content: _proof, ...lost } = { extra_content: undefined, ...said.tool_calls?.[0] };
    const forgetful = { ...said, tool_calls: [lost, said.tool_calls?.[1]] } as typeof said;
    await openai.chat.completions.create({ model, messages: [...messages, forgetful, ...results] });
    expect((await lastSent()).contents[1].parts[0].thoughtSignature).toBe("skip_thought_signature_validator");
  });

  test("sources are annotations; structured output and effort are asked for", async () => {
    await recorded("google-generate-grounded");
    const { choices } = await openai.chat.completions.create({
      model,
      messages,
      reasoning_effort: "low",
      response_format: { type: "json_schema", json_schema: { name: "s", schema: { type: "object" } } },
    });
    const message = choices[0]?.message;
    const places = message?.annotations?.map(({ url_citation: { start_index, end_index, url } }) => [
      message.content?.slice(start_index, end_index),
      url,
    ]);
    expect(places).toEqual([
      ["Der Zöllner heißt Ödön 🚪.", "https://gate.test/keeper"],
      ["He opens at six.", "https://gate.test/keeper"],
    ]);
    expect(await lastSent()).toMatchObject({
      generationConfig: {
        responseMimeType: "application/json",
        responseJsonSchema: { type: "object" },
        thinkingConfig: { thinkingLevel: "LOW" },
      },
    });
  });

  test("a refused prompt is a filtered answer, whole and streamed", async () => {
    await recorded("google-generate-blocked");
    const whole = await openai.chat.completions.create({ model, messages });
    expect(whole.choices[0]).toMatchObject({ finish_reason: "content_filter", message: { content: "" } });
    const stream = await openai.chat.completions.create({ model, messages, stream: true });
    const reasons: (string | null | undefined)[] = [];
    for await (const chunk of stream) reasons.push(chunk.choices[0]?.finish_reason);
    expect(reasons.at(-1)).toBe("content_filter");
  });

  test("a stream that breaks off is an error, not an end", async () => {
    await pair.upstream.scenario(path("streamGenerateContent"), {
      body: { kind: "stream-recording", recording: "google/google-generate-text" },
      fault: { kind: "truncate", afterEvents: 2 },
    });
    const stream = await openai.chat.completions.create({ model, messages, stream: true });
    const read = async () => {
      for await (const _chunk of stream);
    };
    expect(await read().catch((error: unknown) => error)).toBeInstanceOf(Error);
  });

  test("refusals are the SDK's own errors", async () => {
    const refused = async (recording: string, status: number) => {
      await pair.upstream.scenario(path("generateContent"), {
        body: { kind: "recording", recording: `google/${recording}` },
        status,
      });
      return await openai.chat.completions.create({ model, messages }).catch((error: unknown) => error);
    };
    const limited = await refused("google-error-429-per-minute", 429);
    expect(limited).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    // Google tells the wait in the body alone.
    expect(limited instanceof APIError && limited.headers?.get("retry-after")).toBe("35");
    expect(await refused("google-error-429-per-day", 429)).toMatchObject({ code: "insufficient_quota" });
    expect(await refused("google-error-400-too-long", 400)).toMatchObject({
      code: "context_length_exceeded",
    });
    expect(await refused("google-error-400-key", 400)).toMatchObject({ code: "upstream_authentication" });
  });
});
