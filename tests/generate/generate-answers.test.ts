import { describe, expect, test } from "bun:test";
import { waitForLedger } from "../process/ledger-rows.ts";
import { payloadsOf, wholeText } from "../sdk/chat-recordings.ts";
import { gateway, object, PROMPT, post, runGenerate, SAMPLE, TEXT, upstream } from "./simple-contract.ts";

/** What `POST /generate`, the simple contract, answers, exactly as DESIGN.md §5 has it, driven as an existing client does. */

runGenerate();

/** The sample's usage, 14 in and 15 out, at 1 and 2 dollars for a million. */
const COST_USD = 0.000044;

/** What an answer says beside its id. */
const WHOLE = {
  text: TEXT,
  provider: "replay",
  model: "priced",
  finish_reason: "stop",
  usage: {
    input_tokens: 14,
    cached_input_tokens: 0,
    output_tokens: 15,
    reasoning_tokens: 0,
    estimated: false,
  },
  cost_usd: COST_USD,
  latency_ms: expect.any(Number),
  attempts: 1,
};

describe("a whole answer", () => {
  test("an httpx client's call, and the answer field by field", async () => {
    // httpx.post(f"{URL}/generate", json={"prompt": …, "provider": …, "model": …}, headers=…).json()
    const response = await fetch(`${gateway.url}/generate`, {
      method: "POST",
      headers: {
        accept: "*/*",
        "accept-encoding": "gzip, deflate",
        connection: "keep-alive",
        "user-agent": "python-httpx/0.28.1",
        "content-type": "application/json",
        authorization: `Bearer ${gateway.virtualKey}`,
      },
      body: `{"prompt":"${PROMPT}","provider":"replay","model":"priced"}`,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("content-encoding")).toBeNull();
    const answer = await object(response);
    expect(Object.keys(answer)).toEqual([
      "id",
      "text",
      "provider",
      "model",
      "finish_reason",
      "usage",
      "cost_usd",
      "latency_ms",
      "attempts",
    ]);
    expect(answer).toEqual({
      id: expect.stringMatching(/^req_[0-9a-f-]{36}$/),
      ...WHOLE,
    });
    expect(answer["id"]).toBe(response.headers.get("x-request-id"));
    expect(answer["latency_ms"]).toBeInteger();
    expect(response.headers.get("x-gatehouse-target")).toBe("replay/priced");
    expect(response.headers.get("x-gatehouse-attempts")).toBe("1");
    expect(response.headers.get("x-gatehouse-cost-usd")).toBe("0.000044");
  });

  test("the ledger has the same", async () => {
    const answer = await object(
      await post({ prompt: PROMPT, provider: "replay", model: "priced", metadata: { user: "ada" } }),
    );
    const { attempts, requests } = await waitForLedger(
      gateway,
      (rows) =>
        rows.attempts.some((row) => row.request_id === answer["id"] && row.outcome !== null) &&
        rows.requests.some((row) => row.id === answer["id"] && row.outcome !== null),
    );
    expect(attempts.find((row) => row.request_id === answer["id"])).toMatchObject({
      outcome: "ok",
      provider: "replay",
      model: "priced",
      input_tokens: 14,
      output_tokens: 15,
      usage_source: "reported",
      cost_nanodollars: 44_000,
      finish_reason: "stop",
    });
    expect(requests.find((row) => row.id === answer["id"])).toMatchObject({
      dialect: "generate",
      outcome: "ok",
      status: 200,
      end_user: "ada",
      stream: 0,
    });
  });

  test("a model without a price costs null, and says no cost in a header", async () => {
    const response = await post({ prompt: PROMPT, provider: "replay", model: "unpriced" });
    expect(response.headers.get("x-gatehouse-cost-usd")).toBeNull();
    expect(await object(response)).toHaveProperty("cost_usd", null);
  });

  test("usage that the provider did not report is estimated, and says so", async () => {
    const { usage: _, ...silent } = SAMPLE;
    await upstream.scenario("silent", { body: { kind: "text", text: JSON.stringify(silent) } });
    const answer = await object(await post({ prompt: PROMPT, provider: "replay", model: "silent" }));
    expect(answer).toHaveProperty("usage.estimated", true);
    expect(answer).toHaveProperty("usage.output_tokens", Math.ceil(TEXT.length / 4));
  });

  test("finish reasons and a refusal in words", async () => {
    for (const [raw, told] of [
      ["stop", "stop"],
      ["length", "length"],
      ["tool_calls", "tool_calls"],
      ["content_filter", "content_filter"],
      ["x_new", "other"],
    ]) {
      const text = JSON.stringify({ ...SAMPLE, choices: [{ ...SAMPLE.choices[0], finish_reason: raw }] });
      await upstream.scenario("finish", { body: { kind: "text", text } });
      const answer = await object(await post({ prompt: PROMPT, provider: "replay", model: "finish" }));
      expect(answer["finish_reason"]).toBe(told);
    }
  });
});

describe("a stream", () => {
  test("deltas with text, then the whole answer once", async () => {
    const response = await post({ prompt: PROMPT, provider: "replay", model: "priced", stream: true });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("x-gatehouse-target")).toBe("replay/priced");
    const events = eventsOf(await response.text());
    const deltas = events.slice(0, -1);
    expect(deltas.every(({ event }) => event === "delta")).toBe(true);
    expect(deltas.every(({ data }) => Object.keys(data).join() === "text" && data["text"] !== "")).toBe(true);
    expect(deltas.map(({ data }) => data["text"]).join("")).toBe(TEXT);
    expect(deltas.length).toBe(
      payloadsOf("openai/openai-chat-text").filter(
        (payload) => (JSON.parse(payload).choices[0]?.delta.content ?? "") !== "",
      ).length,
    );
    expect(events.at(-1)).toEqual({
      event: "done",
      data: {
        id: response.headers.get("x-request-id"),
        ...WHOLE,
      },
    });
  });

  test("the provider is asked for its usage", async () => {
    await upstream.clearCalls();
    await (await post({ prompt: PROMPT, provider: "replay", model: "priced", stream: true })).text();
    const [call] = await upstream.calls();
    expect(JSON.parse(call?.bodyText ?? "")).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test("the same text however packets are cut", async () => {
    const recording = "openai/openai-chat-non-ascii";
    const whole: string = JSON.parse(wholeText(recording)).choices[0].message.content;
    for (const split of ["every-byte", "inside-utf8", "two-per-packet", "whole"] as const) {
      for (const newline of ["lf", "crlf", "cr"] as const) {
        await upstream.scenario("cut", { body: { kind: "stream-recording", recording, newline }, split });
        const response = await post({ prompt: PROMPT, provider: "replay", model: "cut", stream: true });
        const events = eventsOf(await response.text());
        expect(
          events
            .slice(0, -1)
            .map(({ data }) => data["text"])
            .join(""),
        ).toBe(whole);
        expect(events.at(-1)).toMatchObject({ event: "done", data: { text: whole } });
      }
    }
  });
});

interface GivenEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

function eventsOf(text: string): readonly GivenEvent[] {
  expect(text.endsWith("\n\n")).toBe(true);
  return text
    .slice(0, -2)
    .split("\n\n")
    .map((block) => {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (event === undefined || data === undefined) throw new Error(`no event: ${block}`);
      return { event, data: JSON.parse(data) };
    });
}
