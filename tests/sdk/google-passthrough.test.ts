import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  FunctionCallingConfigMode,
  type GenerateContentParameters,
  type GoogleGenAI,
  Type,
} from "@google/genai";
import { UPSTREAM_KEY } from "../process/pair.ts";
import type { Body, Scenario, Split } from "../upstream/client.ts";
import {
  listRecordingsIn,
  readStreamRecording,
  readWholeRecording,
  recordingFolders,
} from "../upstream/recordings.ts";
import { type GooglePair, outcomeOf, startGooglePair } from "./google-clients.ts";

/**
 * Google's own SDK before a provider that speaks its dialect: what it returns through the gateway is what it returns
 * from the provider itself, and what the provider is sent is what the SDK sends.
 */

const folders = recordingFolders();
const listed = listRecordingsIn(folders).filter(({ name }) => name.startsWith("google/"));
const hasText = (text: string): boolean => /"candidates"|"promptFeedback"/.test(text);
const whole = listed.filter((one) => one.whole && hasText(readWholeRecording(folders, one.name).toString()));
const streams = listed.filter(
  (one) => one.stream && hasText(readStreamRecording(folders, one.name).join("")),
);
const errors = listed.filter((one) => one.whole && /429|error/.test(one.name));

const MODEL = "gemini-3.8-flash";
const NAMED = `gemini/${MODEL}`;
const contents = "Who stands at the gate?";

let pair: GooglePair;
beforeAll(async () => {
  pair = await startGooglePair();
});
afterAll(() => pair.dispose());
beforeEach(async () => {
  await pair.upstream.clearScenarios();
  await pair.upstream.clearCalls();
});

if (listed.every(({ source }) => source === "samples"))
  console.log("skipped: shared recordings of google: missing");

const pathOf = (action: string): string => `/v1beta/models/${MODEL}:${action}`;
const answering = (action: string, body: Body, rest: Scenario = {}): Promise<void> =>
  pair.upstream.scenario(pathOf(action), { body, ...rest });

/** Calls the provider itself and then the gateway; both must give the same, and send the same. */
async function both(call: (client: GoogleGenAI, model: string) => Promise<object>) {
  const expected = await outcomeOf(() => call(pair.direct, MODEL));
  const given = await outcomeOf(() => call(pair.through, NAMED));
  const calls = await pair.upstream.calls();
  const [first, second] = calls.slice(-2);
  expect(second?.path).toBe(first?.path ?? "");
  expect(second?.bodyText).toBe(first?.bodyText ?? "");
  const headers = Object.fromEntries(
    second?.headers.map(([name, value]) => [name.toLowerCase(), value]) ?? [],
  );
  expect(headers["x-goog-api-key"]).toBe(UPSTREAM_KEY);
  expect(JSON.stringify(second?.headers)).not.toContain(pair.gateway.virtualKey);
  return { expected, given };
}

async function same(call: (client: GoogleGenAI, model: string) => Promise<object>) {
  const { expected, given } = await both(call);
  expect(given).toStrictEqual(expected);
  return given;
}

describe("whole answers", () => {
  for (const { name } of whole) {
    test(name, async () => {
      await answering("generateContent", { kind: "recording", recording: name });
      const { answers } = await same((client, model) => client.models.generateContent({ model, contents }));
      expect(answers).toHaveLength(1);
    });
  }
});

describe("streams", () => {
  const splits: readonly Split[] = ["per-event", "inside-utf8", "whole", "every-byte"];
  for (const { name } of streams) {
    test(name, async () => {
      for (const split of splits) {
        const body: Body = { kind: "stream-recording", recording: name, newline: "crlf" };
        await answering("streamGenerateContent", body, { split });
        const { answers } = await same((client, model) =>
          client.models.generateContentStream({ model, contents }),
        );
        expect(answers).toHaveLength(readStreamRecording(folders, name).length);
      }
    });
  }
});

describe("errors", () => {
  for (const { name } of errors) {
    test(name, async () => {
      const text = readWholeRecording(folders, name).toString();
      const status: number = JSON.parse(text).error.code;
      for (const action of ["generateContent", "streamGenerateContent"])
        await answering(action, { kind: "text", text }, { status });
      const isKey = /API key/.test(text);
      for (const stream of [false, true]) {
        const call = (client: GoogleGenAI, model: string) =>
          stream
            ? client.models.generateContentStream({ model, contents })
            : client.models.generateContent({ model, contents });
        const { expected, given } = await both(call);
        expect(given.error).toMatchObject({ name: "ApiError" });
        // What is wrong with the gateway's own key is its operator's to know.
        if (isKey) expect(given.error?.message).not.toContain("API key not valid");
        else expect(given).toStrictEqual(expected);
      }
    });
  }

  test("of the gateway's own are ApiErrors too", async () => {
    const unknown = await outcomeOf(() =>
      pair.through.models.generateContent({ model: "nobody/x", contents }),
    );
    expect(unknown.error).toMatchObject({ name: "ApiError", status: 404 });
    expect(JSON.parse(unknown.error?.message ?? "")).toMatchObject({
      error: { code: 404, status: "NOT_FOUND", details: [{ reason: "UNKNOWN_MODEL" }, {}] },
    });
  });

  test("in the middle of a stream, or a stream that breaks off, is an ApiError behind what came", async () => {
    const body: Body = { kind: "stream-recording", recording: "google/google-generate-text" };
    const failing = { kind: "error-mid-stream", afterEvents: 1, payload: overloaded } as const;
    for (const fault of [failing, { kind: "truncate", afterEvents: 2 }] as const) {
      await answering("streamGenerateContent", body, { fault, paceMs: 20 });
      const call = () => pair.through.models.generateContentStream({ model: NAMED, contents });
      const { answers, error } = await outcomeOf(call);
      // What comes in one read with its failure has reached nobody.
      expect([0, fault.afterEvents]).toContain(answers.length);
      expect(error?.name).toBe("ApiError");
    }
  });
});

const overloaded = JSON.stringify({ error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } });

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

describe("a stream as a JSON array", () => {
  const ask = (query = "", model = NAMED) =>
    fetch(`${pair.gateway.url}/v1beta/models/${model}:streamGenerateContent${query}`, {
      method: "POST",
      headers: { "x-goog-api-key": pair.gateway.virtualKey, "content-type": "application/json" },
      body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }),
    });
  const body: Body = {
    kind: "stream-recording",
    recording: "google/google-generate-grounded",
    newline: "crlf",
  };

  test("is put together of the very payloads, which upstream are server-sent events", async () => {
    await answering("streamGenerateContent", body, { split: "every-byte" });
    const response = await ask();
    expect(response.headers.get("content-type")).toBe("application/json; charset=UTF-8");
    const payloads = readStreamRecording(folders, body.recording);
    expect(await response.text()).toBe(`[${payloads.join("\n,\r\n")}\n]`);
    const [call] = await pair.upstream.calls();
    expect(call?.path).toEndWith("?alt=sse");
    expect(await (await ask("?alt=sse")).text()).toBe(
      payloads.map((payload) => `data: ${payload}\r\n\r\n`).join(""),
    );
  });

  test("of another dialect's answer too", async () => {
    await pair.upstream.scenario("gate-1", {
      body: { kind: "stream-recording", recording: "openai/openai-chat-usage" },
    });
    const elements = JSON.parse(await (await ask("", "chat/gate-1")).text());
    expect(elements.at(-1)).toMatchObject({
      candidates: [{ finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: expect.any(Number) },
    });
  });

  test("is never whole where the answer is not: the last element is the error", async () => {
    const faults = [
      { kind: "truncate", afterEvents: 1 },
      { kind: "error-mid-stream", afterEvents: 1, payload: overloaded },
      { kind: "reset-at-byte", bytes: 900 },
    ] as const;
    for (const fault of faults) {
      await answering("streamGenerateContent", body, { fault, paceMs: 20 });
      const response = await ask();
      const text = await response.text();
      // What comes in one read with its failure has reached nobody, so the status can tell it.
      const elements = response.ok ? JSON.parse(`${text}]`) : [JSON.parse(text)];
      if (response.ok) expect(() => JSON.parse(text)).toThrow();
      expect(elements.at(-1)).toHaveProperty("error.code");
      expect(elements.length).toBe(response.ok ? 2 : 1);
    }
  });

  test("that fails before it has begun has the error's status", async () => {
    await answering(
      "streamGenerateContent",
      { kind: "recording", recording: "google/google-error-503" },
      { status: 503 },
    );
    const response = await ask();
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { status: "UNAVAILABLE" } });
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
