import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { waitForLedger } from "../process/ledger-rows.ts";
import { UPSTREAM_KEY } from "../process/pair.ts";
import type { Split } from "../upstream/client.ts";
import { readStreamRecording, readWholeRecording, recordingFolders } from "../upstream/recordings.ts";
import { type AnthropicPair, messageRecordings, rejection, startAnthropicPair } from "./anthropic-pair.ts";

/** Anthropic's SDK to Anthropic through the gateway: what it returns is what it returns without the gateway. */

setDefaultTimeout(20_000);

const SPLITS: readonly Split[] = ["per-event", "two-per-packet", "inside-utf8", "whole"];
const EVERY_BYTE_LIMIT = 6_000;
const ASKED = { max_tokens: 100, messages: [{ role: "user" as const, content: "Who stands at the gate?" }] };

let pair: AnthropicPair;

beforeAll(async () => {
  pair = await startAnthropicPair();
});
afterAll(() => pair.dispose());

const folders = recordingFolders();

describe("recordings", () => {
  for (const recording of messageRecordings()) {
    test(`${recording}, whole`, async () => {
      await pair.upstream.scenario("recorded", { body: { kind: "recording", recording } });
      const expected = await pair.direct.messages.create({ model: "recorded", ...ASKED });
      const given = await pair.anthropic.messages.create({ model: "anthropic/recorded", ...ASKED });
      expect(given).toEqual(expected);
      expect(given).toMatchObject(JSON.parse(readWholeRecording(folders, recording).toString()));
    });

    test(`${recording}, streamed`, async () => {
      const size = readStreamRecording(folders, recording).join("").length;
      const splits: readonly Split[] = size <= EVERY_BYTE_LIMIT ? [...SPLITS, "every-byte"] : SPLITS;
      for (const split of splits) {
        await pair.upstream.scenario("recorded", { body: { kind: "stream-recording", recording }, split });
        const expected = await pair.direct.messages.stream({ model: "recorded", ...ASKED }).finalMessage();
        const given = await pair.anthropic.messages
          .stream({ model: "anthropic/recorded", ...ASKED })
          .finalMessage();
        expect(given).toEqual(expected);
      }
    });
  }
});

describe("what the provider sees", () => {
  test("the client's own bytes but for the model, its version, its betas; never its key", async () => {
    await pair.upstream.scenario("recorded", {
      body: { kind: "recording", recording: "anthropic/anthropic-sample-text" },
    });
    const body =
      '{ "max_tokens":5,  "model": "anthropic/recorded", "messages":[{"role":"user","content":"\\u0068i"}], "x_new": [1e2] }';
    const response = await fetch(`${pair.gateway.url}/v1/messages?beta=true&other=1`, {
      method: "POST",
      headers: {
        "x-api-key": pair.gateway.virtualKey,
        "anthropic-version": "2099-01-01",
        "anthropic-beta": "context-management-2025-06-27,fine-grained-tool-streaming-2025-05-14",
        "anthropic-workspace-id": "wrkspc_1",
        "x-strange": "1",
      },
      body,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("request-id")).toBe(response.headers.get("x-request-id"));
    const call = await pair.lastCall();
    expect(call.bodyText).toBe(body.replace("anthropic/recorded", "recorded"));
    expect(call.path).toBe("/v1/messages?beta=true");
    const headers = Object.fromEntries(call.headers.map(([name, value]) => [name.toLowerCase(), value]));
    expect(headers).toMatchObject({
      "x-api-key": UPSTREAM_KEY,
      "anthropic-version": "2099-01-01",
      "anthropic-beta": "context-management-2025-06-27,fine-grained-tool-streaming-2025-05-14",
    });
    for (const absent of ["authorization", "anthropic-workspace-id", "x-strange"])
      expect(headers).not.toHaveProperty(absent);
  });

  test("a client without a version: the gateway's own", async () => {
    await pair.upstream.scenario("recorded", {
      body: { kind: "recording", recording: "anthropic/anthropic-sample-text" },
    });
    await fetch(`${pair.gateway.url}/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": pair.gateway.virtualKey },
      body: JSON.stringify({ model: "anthropic/recorded", ...ASKED }),
    });
    const { headers } = await pair.lastCall();
    expect(headers.filter(([name]) => name.toLowerCase() === "anthropic-version")).toEqual([
      ["anthropic-version", "2023-06-01"],
    ]);
  });

  test("a server that is only alike gets its key as Anthropic's would", async () => {
    await pair.upstream.scenario("gate-2", {
      body: { kind: "recording", recording: "anthropic/anthropic-sample-text" },
    });
    await pair.anthropic.messages.create({ model: "alike/gate-2", ...ASKED });
    const { headers } = await pair.lastCall();
    expect(headers).toContainEqual(["x-api-key", UPSTREAM_KEY]);
  });
});

describe("the ledger", () => {
  test("has the usage of a stream as the provider told it", async () => {
    await pair.upstream.scenario("cached", {
      body: { kind: "stream-recording", recording: "anthropic/anthropic-sample-cache" },
    });
    await pair.anthropic.messages.stream({ model: "anthropic/cached", ...ASKED }).finalMessage();
    const { attempts } = await waitForLedger(pair.gateway, (rows) =>
      rows.attempts.some(({ model, outcome }) => model === "cached" && outcome !== null),
    );
    expect(attempts.find(({ model }) => model === "cached")).toMatchObject({
      outcome: "ok",
      finish_reason: "stop_sequence",
      usage_source: "reported",
      input_tokens: 5508,
      cached_input_tokens: 4000,
      output_tokens: 21,
    });
  });
});

describe("errors", () => {
  const refused = async (status: number, recording: string, headers = {}): Promise<unknown> => {
    await pair.upstream.scenario("refused", { status, headers, body: { kind: "recording", recording } });
    return rejection(pair.anthropic.messages.create({ model: "anthropic/refused", ...ASKED }));
  };

  test("of the provider's, as its own classes, word for word", async () => {
    const error = await refused(400, "anthropic/anthropic-error-400");
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      type: "invalid_request_error",
      error: JSON.parse(readWholeRecording(folders, "anthropic/anthropic-error-400").toString()),
    });
    expect(await refused(404, "anthropic/anthropic-error-404")).toBeInstanceOf(Anthropic.NotFoundError);
    expect(await refused(529, "anthropic/anthropic-error-529")).toMatchObject({
      status: 529,
      type: "overloaded_error",
    });
    const limited = await refused(429, "anthropic/anthropic-error-429", { "retry-after": "17" });
    expect(limited).toBeInstanceOf(Anthropic.RateLimitError);
    expect(limited).toHaveProperty("headers");
    expect((limited as InstanceType<typeof Anthropic.RateLimitError>).headers?.get("retry-after")).toBe("17");
  });

  test("about the gateway's own key are not passed on", async () => {
    const error = await refused(401, "anthropic/anthropic-error-401");
    expect(error).toBeInstanceOf(Anthropic.InternalServerError);
    expect(error).toMatchObject({ status: 502, type: "api_error", errorCode: "upstream_authentication" });
  });

  test("of the gateway's own", async () => {
    const stranger = new Anthropic({ apiKey: "gh_nobody", baseURL: pair.gateway.url, maxRetries: 0 });
    const key = await rejection(stranger.messages.create({ model: "anthropic/x", ...ASKED }));
    expect(key).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(key).toMatchObject({ type: "authentication_error", errorCode: "invalid_key" });
    const model = await rejection(pair.anthropic.messages.create({ model: "nobody", ...ASKED }));
    expect(model).toBeInstanceOf(Anthropic.NotFoundError);
    expect(model).toMatchObject({ requestID: expect.stringMatching(/^req_/), details: { field: "model" } });
    const bad = await rejection(
      pair.anthropic.messages.create({ model: "anthropic/x", max_tokens: 1, messages: [] }),
    );
    expect(bad).toBeInstanceOf(Anthropic.BadRequestError);
    const path = await rejection(pair.anthropic.post("/v1/nothing"));
    expect(path).toMatchObject({ status: 404, type: "not_found_error" });
  });

  test("inside a stream: the provider's, and an end that comes too early", async () => {
    const recording = "anthropic/anthropic-sample-text";
    const body = { kind: "stream-recording", recording } as const;
    const streamed = async () =>
      rejection(pair.anthropic.messages.stream({ model: "anthropic/broken", ...ASKED }).finalMessage());
    const payload = JSON.stringify({
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" },
    });
    await pair.upstream.scenario("broken", {
      body,
      fault: { kind: "error-mid-stream", afterEvents: 5, payload },
    });
    expect(await streamed()).toMatchObject({ type: "overloaded_error" });
    const events = readStreamRecording(folders, recording).length;
    await pair.upstream.scenario("broken", { body, fault: { kind: "truncate", afterEvents: events - 1 } });
    expect(await streamed()).toMatchObject({ type: "api_error", errorCode: "upstream_interrupted" });
    await pair.upstream.scenario("broken", { body, fault: { kind: "error-first", payload } });
    expect(await streamed()).toMatchObject({ status: 529, type: "overloaded_error" });
  });
});

describe("a signature of another vendor", () => {
  test("is left out of what Anthropic is sent, and the client's betas still go with it", async () => {
    await pair.upstream.scenario("switched", {
      body: { kind: "recording", recording: "anthropic/anthropic-sample-text" },
    });
    const signature = `gatehouse:openai:${Buffer.from(JSON.stringify({ value: "enc", id: "rs_1" })).toString("base64url")}`;
    const answer = await pair.anthropic.beta.messages.create({
      model: "anthropic/switched",
      max_tokens: 100,
      betas: ["context-management-2025-06-27"],
      messages: [
        { role: "user", content: "hi" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm", signature },
            { type: "text", text: "ho" },
          ],
        },
        { role: "user", content: "and?" },
      ],
    });
    expect(answer.content).toMatchObject([{ type: "text" }]);
    const call = await pair.lastCall();
    expect(JSON.parse(call.bodyText)).toMatchObject({
      model: "switched",
      max_tokens: 100,
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: "ho" },
        { role: "user", content: "and?" },
      ],
    });
    expect(call.headers).toContainEqual(["anthropic-beta", "context-management-2025-06-27"]);
  });
});
