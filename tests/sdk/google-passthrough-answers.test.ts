import { describe, expect, test } from "bun:test";
import type { GoogleGenAI } from "@google/genai";
import type { Body, Split } from "../upstream/client.ts";
import { listRecordingsIn, readStreamRecording, readWholeRecording } from "../upstream/recordings.ts";
import { outcomeOf } from "./google-clients.ts";
import { answering, both, contents, folders, NAMED, pair, runGoogle, same } from "./google-passthrough.ts";

/** Google's own SDK before a provider that speaks its dialect: what it returns through the gateway is what it returns
 * from the provider itself. */

runGoogle();

const listed = listRecordingsIn(folders).filter(({ name }) => name.startsWith("google/"));
const hasText = (text: string): boolean => /"candidates"|"promptFeedback"/.test(text);
const whole = listed.filter((one) => one.whole && hasText(readWholeRecording(folders, one.name).toString()));

const streams = listed.filter(
  (one) => one.stream && hasText(readStreamRecording(folders, one.name).join("")),
);

const errors = listed.filter((one) => one.whole && /429|error/.test(one.name));

if (listed.every(({ source }) => source === "samples"))
  console.log("skipped: shared recordings of google: missing");

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
