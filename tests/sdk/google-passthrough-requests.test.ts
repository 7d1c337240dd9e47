import { describe, expect, test } from "bun:test";
import {
  FunctionCallingConfigMode,
  type GenerateContentParameters,
  type GoogleGenAI,
  Type,
} from "@google/genai";
import type { Body } from "../upstream/client.ts";
import { readWholeRecording } from "../upstream/recordings.ts";
import { outcomeOf } from "./google-clients.ts";
import { answering, contents, folders, NAMED, pair, pathOf, runGoogle, same } from "./google-passthrough.ts";

/** Google's own SDK before a provider that speaks its dialect: what the provider is sent is what the SDK sends. */

runGoogle();

describe("what is asked", () => {
  const text: Body = { kind: "recording", recording: "google/google-generate-text" };
  const asked: readonly [string, Omit<GenerateContentParameters, "model">][] = [
    [
      "structured output",
      {
        contents,
        config: {
          responseMimeType: "application/json",
          responseSchema: {
            type: Type.OBJECT,
            properties: { names: { type: Type.ARRAY, items: { type: Type.STRING } } },
          },
        },
      },
    ],
    [
      "JSON Schema, thinking, everything that has no other vendor's word",
      {
        contents,
        config: {
          responseMimeType: "application/json",
          responseJsonSchema: { type: "object" },
          thinkingConfig: { includeThoughts: true, thinkingBudget: -1 },
          safetySettings: [],
          systemInstruction: "Be brief.",
          candidateCount: 2,
          labels: { a: "b" },
        },
      },
    ],
    [
      "an image and Google's own tools",
      {
        contents: [
          {
            role: "user",
            parts: [{ inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }, { text: "?" }],
          },
        ],
        config: { tools: [{ googleSearch: {} }, { codeExecution: {} }] },
      },
    ],
  ];
  for (const [name, parameters] of asked) {
    test(name, async () => {
      await answering("generateContent", text);
      await same((client, model) => client.models.generateContent({ model, ...parameters }));
    });
  }

  test("by a route's alias, by v1 and v1alpha", async () => {
    await answering("generateContent", text);
    const { answers } = await outcomeOf(() =>
      pair.through.models.generateContent({ model: "guard", contents }),
    );
    expect(answers).toHaveLength(1);
    for (const version of ["v1", "v1alpha"]) {
      const response = await fetch(`${pair.gateway.url}/${version}/models/guard:generateContent`, {
        method: "POST",
        headers: { "x-goog-api-key": pair.gateway.virtualKey },
        body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }),
      });
      expect(response.status).toBe(200);
    }
  });

  test("a chat with tools: the second turn brings the call and its proof as they came", async () => {
    const calls = { body: { kind: "recording", recording: "google/google-generate-calls" } } as const;
    await pair.upstream.scenario(pathOf("generateContent"), [calls, { body: text }]);
    const chat = pair.through.chats.create({
      model: NAMED,
      config: {
        tools: [{ functionDeclarations: [{ name: "open_gate" }, { name: "ring_bell" }] }],
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
      },
    });
    const first = await chat.sendMessage({ message: "open up and ring" });
    const responses = (first.functionCalls ?? []).map(({ id = "", name = "" }) => ({
      functionResponse: { id, name, response: { output: "done" } },
    }));
    expect(responses).toHaveLength(2);
    const second = await chat.sendMessage({ message: responses });
    expect(second.text).toBe("Two guards stand at the gate.");
    const sent = JSON.parse((await pair.upstream.calls()).at(-1)?.bodyText ?? "");
    expect(sent.contents[1].parts).toEqual(
      JSON.parse(readWholeRecording(folders, "google/google-generate-calls").toString()).candidates[0].content
        .parts,
    );
  });
});

describe("other operations", () => {
  test("countTokens", async () => {
    await answering("countTokens", { kind: "recording", recording: "google/google-count-tokens" });
    const { answers } = await same((client, model) => client.models.countTokens({ model, contents }));
    expect(answers).toMatchObject([{ totalTokens: 31 }]);
  });

  test("embedContent: the model's name in the body is the provider's own", async () => {
    const path = "/v1beta/models/gemini-embedding-001:batchEmbedContents";
    await pair.upstream.scenario(path, {
      body: { kind: "recording", recording: "google/google-batch-embed-contents" },
    });
    const call = (client: GoogleGenAI, model: string) =>
      outcomeOf(() =>
        client.models.embedContent({ model, contents: ["a", "b"], config: { taskType: "RETRIEVAL_QUERY" } }),
      );
    const expected = await call(pair.direct, "gemini-embedding-001");
    expect(await call(pair.through, "gemini/gemini-embedding-001")).toStrictEqual(expected);
    expect(expected.answers).toMatchObject([
      { embeddings: [{ values: [0.013168517, -0.00871, 0.0474] }, {}] },
    ]);
    const [first, second] = await pair.upstream.calls();
    expect(JSON.parse(second?.bodyText ?? "")).toEqual(JSON.parse(first?.bodyText ?? ""));
  });

  test("embedContent for one content has its own path and answer", async () => {
    const path = "/v1beta/models/gemini-embedding-001:embedContent";
    await pair.upstream.scenario(path, {
      body: { kind: "recording", recording: "google/google-embed-content" },
    });
    const response = await fetch(
      `${pair.gateway.url}/v1beta/models/gemini/gemini-embedding-001:embedContent`,
      {
        method: "POST",
        headers: { "x-goog-api-key": pair.gateway.virtualKey },
        body: JSON.stringify({
          model: "models/gemini/gemini-embedding-001",
          content: { parts: [{ text: "a" }] },
        }),
      },
    );
    expect(await response.json()).toEqual(
      JSON.parse(readWholeRecording(folders, "google/google-embed-content").toString()),
    );
    const [call] = await pair.upstream.calls();
    expect(call?.path).toBe(path);
    expect(JSON.parse(call?.bodyText ?? "")).toEqual({
      model: "models/gemini-embedding-001",
      content: { parts: [{ text: "a" }] },
    });
  });
});

describe("keys", () => {
  const get = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${pair.gateway.url}/v1beta/models${query}`, { headers });

  test("are taken from Google's header, and from an address never", async () => {
    const key = pair.gateway.virtualKey;
    expect((await get("", { "x-goog-api-key": key })).status).toBe(200);
    const refused = await get(`?key=${key}`);
    expect(refused.status).toBe(401);
    const { error } = (await refused.json()) as { error: { status: string; message: string } };
    expect(error.status).toBe("UNAUTHENTICATED");
    expect(error.message).toContain("x-goog-api-key");
    expect(pair.gateway.log()).not.toContain(key);
  });
});

describe("models", () => {
  test("list and get, in Google's form, by the names that calls use", async () => {
    const names: (string | undefined)[] = [];
    for await (const model of await pair.through.models.list({ config: { pageSize: 2 } })) {
      names.push(model.name);
      const again = await pair.through.models.get({ model: model.name?.replace("models/", "") ?? "" });
      expect(again).toMatchObject({ ...model });
    }
    expect(names).toEqual([
      "models/guard",
      "models/gemini/gemini-3.8-flash",
      "models/gemini/gemini-embedding-001",
      "models/chat/maker/family/gate-1",
      "models/demo/demo",
    ]);
    const flash = await pair.through.models.get({ model: NAMED });
    expect(flash.inputTokenLimit).toBe(1_000_000);
    expect(flash.supportedActions).toEqual(["generateContent", "streamGenerateContent", "countTokens"]);
    const embedding = await pair.through.models.get({ model: "gemini/gemini-embedding-001" });
    expect(embedding.supportedActions).toEqual(["embedContent", "batchEmbedContents"]);
  });

  test("an unknown one, and a page that is none", async () => {
    const { error } = await outcomeOf(() => pair.through.models.get({ model: "gemini/nobody" }));
    expect(error).toMatchObject({ name: "ApiError", status: 404 });
    const odd = await outcomeOf(() => pair.through.models.list({ config: { pageToken: "x" } }));
    expect(odd.error).toMatchObject({ name: "ApiError", status: 400 });
  });
});
