import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { type LedgerRows, waitForLedger as waitFor } from "../process/ledger-rows.ts";
import { readStreamRecording, recordingFolders } from "../upstream/recordings.ts";
import {
  type AskedCall,
  type BreakingProvider,
  type Streamed,
  startBreakingProvider,
} from "./breaking-provider.ts";

/*
 * Streams that break off after they have begun, at every byte: where another target goes on, the client has one answer,
 * nothing of it twice and nothing lost; where none does, it is told so.
 */

/** A beginning and an end of it: every byte of all of it would take a minute. */
const CHAT = chatStream(
  readStreamRecording(recordingFolders(), "openai/openai-chat-non-ascii").filter(
    (_, place, all) => place < 5 || place > all.length - 4,
  ),
);
const MESSAGES = messagesStream(readStreamRecording(recordingFolders(), "anthropic/anthropic-sample-text"));
const GEMINI = Buffer.from(
  readStreamRecording(recordingFolders(), "google/google-generate-text")
    .map((payload) => `data: ${payload}\r\n\r\n`)
    .join(""),
);
const GEMINI_TEXT = textOfGemini(GEMINI.toString("utf8"));
const CHAT_TEXT = textOfChat(CHAT.toString("utf8"));
const MESSAGES_TEXT = textOfMessages(MESSAGES.toString("utf8"));
const CALL = chatStream(readStreamRecording(recordingFolders(), "openai/openai-chat-tool-calls"));

setDefaultTimeout(60_000);

let provider: BreakingProvider;
let gateway: GatewayProcess;

beforeAll(async () => {
  provider = await startBreakingProvider(answer);
  const at = (path: string, dialect: string, more = "") =>
    `{ dialect: ${dialect}, base_url: "${provider.url}/${path}/v1", key: k${more} }`;
  gateway = await startGateway({
    configuration: `
providers:
  chat: ${at("breaking-chat", "openai-chat")}
  calling: ${at("breaking-call", "openai-chat")}
  messages: ${at("breaking-messages", "anthropic-messages")}
  google: { dialect: gemini, base_url: "${provider.url}/breaking-gemini/v1beta", key: k }
  prefix: ${at("chat", "openai-chat", ", capabilities: [{ continues: prefix }]")}
  again: ${at("breaking-again", "openai-chat", ", capabilities: [{ continues: continue_final_message }]")}
  plain: ${at("chat", "openai-chat")}
  anthropic: { base_url: "${provider.url}/claude/v1", key: k }
  mistral: { base_url: "${provider.url}/repeating/v1", key: k }
routes:
  chat-to-chat: { targets: [chat/m, plain/m, prefix/m], retries: { continue_streams: true } }
  chat-to-repeating: { targets: [chat/m, mistral/m], retries: { continue_streams: true } }
  chat-to-claude: { targets: [chat/m, anthropic/claude-sonnet-4-5], retries: { continue_streams: true } }
  messages-to-chat: { targets: [messages/m, prefix/m], retries: { continue_streams: true } }
  messages-to-claude: { targets: [messages/m, anthropic/claude-haiku-4-5], retries: { continue_streams: true } }
  gemini-to-chat: { targets: [google/m, prefix/m], retries: { continue_streams: true } }
  twice: { targets: [chat/m, again/m, prefix/m], retries: { continue_streams: true } }
  lossy: { targets: [chat/m, anthropic/claude-opus-4-1, prefix/m], retries: { continue_streams: true } }
  lost: { targets: [chat/m, anthropic/claude-sonnet-4-5], retries: { continue_streams: true } }
  calls: { targets: [calling/m, prefix/m], retries: { continue_streams: true } }
  nobody: { targets: [chat/m, plain/m, anthropic/claude-sonnet-5], retries: { continue_streams: true } }
  paid: { targets: [chat/m, prefix/m], retries: { continue_streams: true } }
  off: { targets: [chat/m, prefix/m] }
routing:
  health: { consecutive_failures: 1000, failure_percent: 100, min_calls: 100000 }
  retry_budget: { percent: 100, floor: 100000 }
prices:
  chat/m: { input: 1, output: 2 }
  prefix/m: { input: 10, output: 20 }
  again/m: { input: 100, output: 200 }
`,
  });
});

afterAll(async () => {
  await gateway.dispose();
  provider.stop();
});

const waitForLedger = (of: GatewayProcess, condition: (rows: LedgerRows) => boolean): Promise<LedgerRows> =>
  waitFor(of, condition, 20_000);

/** Those that break say where in the question; those that go on know the whole answer. */
function answer(call: AskedCall): Streamed | number {
  const { path, messages, model } = call;
  if (model === "claude-opus-4-1") return 500;
  const { at, text } = JSON.parse(questionOf(call)) as { at: number; text: string };
  if (path.startsWith("/breaking-chat/")) return broken(CHAT, at);
  if (path.startsWith("/breaking-call/")) return broken(CALL, at);
  if (path.startsWith("/breaking-gemini/")) return broken(GEMINI, at);
  if (path.startsWith("/breaking-messages/")) return broken(MESSAGES, at);
  const last = messages.at(-1);
  const begun = last?.role === "assistant" ? plainText(last.content) : "";
  if (!text.startsWith(begun)) return 400;
  if (path.startsWith("/breaking-again/")) {
    const rest = spokenChat(text.slice(begun.length));
    return { stream: rest, breaksAt: Math.floor(rest.length / 2) };
  }
  if (path.startsWith("/repeating/")) return { stream: spokenChat(text) };
  if (path.startsWith("/chat/")) return { stream: spokenChat(text.slice(begun.length)) };
  return begun !== begun.trimEnd() ? 400 : { stream: spokenMessages(text.slice(begun.length)) };
}

function broken(stream: Buffer, at: number): Streamed {
  return at < stream.length ? { stream, breaksAt: at } : { stream };
}

interface Asking {
  readonly route: string;
  readonly text: string;
  readonly at: number;
  readonly key?: string;
}

async function ask(dialect: "chat" | "messages", { route, text, at, key }: Asking): Promise<Response> {
  const path = dialect === "chat" ? "/v1/chat/completions" : "/v1/messages";
  const question = JSON.stringify({ at, text });
  return await fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key ?? gateway.virtualKey}` },
    body: JSON.stringify({
      model: route,
      stream: true,
      max_tokens: 500,
      ...(dialect === "chat" ? { stream_options: { include_usage: true } } : {}),
      messages: [{ role: "user", content: question }],
    }),
  });
}

/**
 * Every byte of a stream, or each of so many, several calls at once. One that ends well comes between, so that the
 * breaking target is not taken out.
 */
async function atEveryByte(
  stream: Buffer,
  step: number,
  check: (at: number) => Promise<void>,
): Promise<void> {
  const places = Array.from({ length: Math.ceil(stream.length / step) }, (_, index) => index * step);
  const work = places[Symbol.iterator]();
  const worker = async () => {
    for (const at of work) {
      await check(at);
      if (at % 50 === 0) await check(stream.length);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

const CHAT_FINISH = CHAT.indexOf('"finish_reason":"stop"');
const MESSAGES_FINISH = MESSAGES.indexOf("event: message_delta");

describe("a stream of chat completions that is lost at any byte", () => {
  test.each([
    ["chat-to-chat", 1],
    ["chat-to-repeating", 9],
    ["chat-to-claude", 9],
  ] as const)("%s: one whole answer, or an honest end", async (route, step) => {
    const before = provider.calls.length;
    await atEveryByte(CHAT, step, async (at) => {
      const said = await (await ask("chat", { route, text: CHAT_TEXT, at })).text();
      const events = dataOf(said);
      const chunks = events.filter((data) => data !== "[DONE]").map((data) => JSON.parse(data));
      const isToldBroken = chunks.some(({ error }) => error !== undefined);
      // A finish that was sent can't be taken back, nor can the answer be gone on with.
      const isFinished = at > CHAT_FINISH;
      const text = textOfChat(said);
      expect([at, text]).toEqual([at, CHAT_TEXT]);
      if (isFinished && isToldBroken) {
        expect(events).not.toContain("[DONE]");
        return;
      }
      expect([at, isToldBroken]).toEqual([at, false]);
      expect(events.filter((data) => data === "[DONE]")).toEqual(["[DONE]"]);
      expect(events.at(-1)).toBe("[DONE]");
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
      const choices = chunks.flatMap((chunk) => chunk.choices);
      expect(choices.filter(({ delta }) => delta.role !== undefined).length).toBe(1);
      expect(choices.flatMap(({ finish_reason: reason }) => reason ?? [])).toEqual(["stop"]);
    });
    const continued = provider.calls
      .slice(before)
      .filter(({ messages }) => messages.at(-1)?.role === "assistant");
    expect(continued.length).toBeGreaterThan(CHAT_FINISH / step / 2);
  });
});

describe("a stream of messages that is lost at any byte", () => {
  test.each([
    ["messages-to-chat", 2],
    ["messages-to-claude", 9],
  ] as const)("%s: one whole message, or an honest end", async (route, step) => {
    await atEveryByte(MESSAGES, step, async (at) => {
      const said = await (await ask("messages", { route, text: MESSAGES_TEXT, at })).text();
      const types = dataOf(said).map((data) => JSON.parse(data).type as string);
      const count = (type: string) => types.filter((each) => each === type).length;
      expect([at, textOfMessages(said)]).toEqual([at, MESSAGES_TEXT]);
      expect(count("message_start")).toBe(1);
      if (at > MESSAGES_FINISH && count("error") === 1) {
        expect(count("message_stop")).toBe(0);
        return;
      }
      expect([at, count("error")]).toEqual([at, 0]);
      const shape = ["content_block_start", "content_block_stop", "message_delta", "message_stop"];
      // A block that was ended before the loss stays so: what follows is another.
      const blocks = count("content_block_start");
      expect(shape.map(count)).toEqual([blocks, blocks, 1, 1]);
      expect(types.at(-1)).toBe("message_stop");
    });
  });

  test("to a client of chat completions, that is translated on both sides of the loss", async () => {
    await atEveryByte(MESSAGES, 9, async (at) => {
      const said = await (await ask("chat", { route: "messages-to-chat", text: MESSAGES_TEXT, at })).text();
      expect([at, textOfChat(said)]).toEqual([at, MESSAGES_TEXT]);
      const isEnded = said.includes("[DONE]");
      expect([at, isEnded, said.includes('"error"')]).toEqual([at, isEnded, !isEnded]);
      expect(isEnded || at > MESSAGES_FINISH).toBe(true);
    });
  });
});

const GEMINI_FINISH = GEMINI.indexOf('"finishReason"');

test("a stream of Gemini's that is lost at any byte", async () => {
  await atEveryByte(GEMINI, 5, async (at) => {
    const question = JSON.stringify({ at, text: GEMINI_TEXT });
    const response = await fetch(
      `${gateway.url}/v1beta/models/gemini-to-chat:streamGenerateContent?alt=sse`,
      {
        method: "POST",
        headers: { "content-type": "application/json", "x-goog-api-key": gateway.virtualKey },
        body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: question }] }] }),
      },
    );
    const said = await response.text();
    const chunks = dataOf(said).map((data) => JSON.parse(data));
    expect([at, textOfGemini(said)]).toEqual([at, GEMINI_TEXT]);
    const isToldBroken = chunks.some(({ error }) => error !== undefined);
    if (at > GEMINI_FINISH && isToldBroken) return;
    expect([at, isToldBroken]).toEqual([at, false]);
    expect(new Set(chunks.map(({ responseId }) => responseId)).size).toBe(1);
    const reasons = chunks.flatMap(({ candidates = [] }) =>
      candidates.flatMap(({ finishReason }: { finishReason?: string }) => finishReason ?? []),
    );
    expect(reasons).toEqual(["STOP"]);
  });
});

test("a client of Responses, whose provider speaks chat completions", async () => {
  await atEveryByte(CHAT, 19, async (at) => {
    const response = await fetch(`${gateway.url}/v1/responses`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
      body: JSON.stringify({
        model: "chat-to-chat",
        stream: true,
        input: JSON.stringify({ at, text: CHAT_TEXT }),
      }),
    });
    const events = dataOf(await response.text()).map((data) => JSON.parse(data));
    const deltas = events.filter(({ type }) => type === "response.output_text.delta");
    expect([at, deltas.map(({ delta }) => delta).join("")]).toEqual([at, CHAT_TEXT]);
    expect(new Set(deltas.map(({ item_id: item }) => item)).size).toBe(1);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, place) => place));
    const last = events.at(-1);
    if (at > CHAT_FINISH && last.type !== "response.completed") return;
    expect([at, last.type]).toEqual([at, "response.completed"]);
    expect(last.response.output[0].content[0].text).toBe(CHAT_TEXT);
  });
});

describe("what can't be gone on with ends honestly", () => {
  const middle = Math.floor(CHAT_FINISH / 2);

  test.each([
    ["off", "the route doesn't allow it", middle],
    ["nobody", "no target can", middle],
    ["calls", "a tool call has begun", CALL.indexOf('finish_reason":"tool_calls') - 300],
  ])("%s: %s", async (route, _why, at) => {
    const response = await ask("chat", { route, text: CHAT_TEXT, at });
    const said = await response.text();
    expect(said).toContain('"upstream_interrupted"');
    expect(said).not.toContain("[DONE]");
    expect(said).not.toContain('"finish_reason":"stop"');
    const id = response.headers.get("x-request-id");
    const { attempts } = await waitForLedger(gateway, ({ requests }) =>
      requests.some((row) => row.id === id && row.outcome !== null),
    );
    expect(attempts.filter((row) => row.request_id === id).length).toBe(1);
  });

  test("a budget can't pay for the rest", async () => {
    // All of it is set aside for the first attempt, which the second would need besides what that has cost.
    for (const [budget, isContinued] of [
      ["0.005/total", false],
      ["1/total", true],
    ] as const) {
      const { stdout } = await gateway.command(
        "keys",
        "create",
        "--project",
        `p${budget[0]}`,
        "--budget",
        budget,
      );
      const key = /gh_[\w-]+/.exec(stdout)?.[0] ?? "";
      const paid = { route: "paid", text: CHAT_TEXT, at: middle, key };
      let response = await ask("chat", paid);
      // The gateway looks for new keys now and then.
      await waitUntil(async () => {
        if (response.status === 401) response = await ask("chat", paid);
        return response.status !== 401;
      }, 20_000);
      const said = await response.text();
      expect([budget, said.includes("[DONE]")]).toEqual([budget, isContinued]);
      expect([budget, said.includes('"upstream_interrupted"')]).toEqual([budget, !isContinued]);
    }
  });

  test("a form of the answer holds from its beginning, so it is asked of nobody in the middle", async () => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
      body: JSON.stringify({
        model: "chat-to-chat",
        stream: true,
        response_format: { type: "json_object" },
        messages: [{ role: "user", content: JSON.stringify({ at: middle, text: CHAT_TEXT }) }],
      }),
    });
    expect(await response.text()).toContain('"upstream_interrupted"');
  });
});

describe("a continued answer", () => {
  const middle = Math.floor(CHAT_FINISH / 2);

  test("has a row for each attempt with its own charge, and the client is told the usage of the whole", async () => {
    const before = provider.calls.length;
    const response = await ask("chat", { route: "chat-to-chat", text: CHAT_TEXT, at: middle });
    const said = await response.text();
    const id = response.headers.get("x-request-id");
    const { attempts, requests } = await waitForLedger(gateway, ({ requests: rows }) =>
      rows.some((row) => row.id === id && row.outcome !== null),
    );
    const [first, second] = attempts.filter((row) => row.request_id === id);
    expect(first).toMatchObject({ outcome: "failed", usage_source: "estimated", purpose: null, ordinal: 1 });
    expect(first?.output_tokens).toBeGreaterThan(0);
    expect(first?.cost_nanodollars).toBe(
      (first?.input_tokens ?? 0) * 1000 + (first?.output_tokens ?? 0) * 2000,
    );
    expect(second).toMatchObject({
      outcome: "ok",
      usage_source: "reported",
      purpose: "continuation",
      provider: "prefix",
      input_tokens: 100,
      output_tokens: 40,
      cost_nanodollars: 100 * 10_000 + 40 * 20_000,
    });
    const request = requests.find((row) => row.id === id);
    expect(request).toMatchObject({ outcome: "ok", attempts: 2, provider: "prefix" });
    expect(request?.warnings).toMatch(/stream continued: chat\/m broke off after [1-9]\d* characters/);
    const { tried } = JSON.parse(request?.routing ?? "{}") as { tried: { target: string; reason: string }[] };
    expect(tried.map(({ target, reason }) => [target, reason])).toEqual([
      ["chat/m", "first"],
      ["prefix/m", "continuation"],
    ]);
    const usage = dataOf(said)
      .filter((data) => data !== "[DONE]")
      .map((data) => JSON.parse(data).usage)
      .findLast((each) => each !== null && each !== undefined);
    const delivered = usage.completion_tokens - 40;
    expect(delivered).toBeGreaterThan(0);
    expect(usage.prompt_tokens).toBe(100 - delivered);
    const continuing = provider.calls.slice(before).find(({ path }) => path.startsWith("/chat/"));
    expect(continuing?.messages.at(-1)).toMatchObject({ role: "assistant", prefix: true });
    expect(continuing?.body["max_tokens"]).toBe(500 - delivered);
    await waitUntil(() => gateway.log().includes("stream continued by another target"), 20_000, "the log");
  });

  test("is gone on with once more where that breaks off too", async () => {
    const response = await ask("chat", { route: "twice", text: CHAT_TEXT, at: middle });
    const said = await response.text();
    expect(textOfChat(said)).toBe(CHAT_TEXT);
    expect(said.match(/\[DONE\]/g)?.length).toBe(1);
    const id = response.headers.get("x-request-id");
    const { attempts } = await waitForLedger(gateway, ({ requests }) =>
      requests.some((row) => row.id === id && row.outcome !== null),
    );
    expect(
      attempts
        .filter((row) => row.request_id === id)
        .map(({ provider: name, outcome, purpose }) => [name, outcome, purpose]),
    ).toEqual([
      ["chat", "failed", null],
      ["again", "failed", "continuation"],
      ["prefix", "ok", "continuation"],
    ]);
    const again = provider.calls.findLast(({ path }) => path.startsWith("/breaking-again/"));
    expect(again?.body).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
  });

  test("lacks what those that went on with it left out, and nothing that others would have", async () => {
    const warnings = async (route: string) => {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
        body: JSON.stringify({
          model: route,
          stream: true,
          seed: 7,
          messages: [{ role: "user", content: JSON.stringify({ at: middle, text: CHAT_TEXT }) }],
        }),
      });
      expect(await response.text()).toContain("[DONE]");
      const id = response.headers.get("x-request-id");
      const { requests } = await waitForLedger(gateway, ({ requests: rows }) =>
        rows.some((row) => row.id === id && row.outcome !== null),
      );
      return requests.find((row) => row.id === id)?.warnings ?? "";
    };
    const lossy = await warnings("lossy");
    expect(lossy).toContain("prefix/m went on");
    expect(lossy).not.toContain("seed");
    expect(await warnings("lost")).toContain("seed (anthropic)");
  });

  test("costs its client what its attempts cost together, each of them once", async () => {
    const response = await fetch(`${gateway.url}/generate`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
      body: JSON.stringify({
        model: "twice",
        stream: true,
        prompt: JSON.stringify({ at: middle, text: CHAT_TEXT }),
      }),
    });
    const said = await response.text();
    const id = response.headers.get("x-request-id");
    const { attempts } = await waitForLedger(gateway, ({ requests }) =>
      requests.some((row) => row.id === id && row.outcome !== null),
    );
    const costs = attempts
      .filter((row) => row.request_id === id)
      .map(({ cost_nanodollars: cost }) => cost ?? Number.NaN);
    expect(costs.length).toBe(3);
    const told = Number(/"cost_usd":([\d.e-]+)/.exec(said)?.[1]);
    expect(told).toBeCloseTo(costs.reduce((sum, cost) => sum + cost, 0) / 1e9, 9);
  });
});

function questionOf({ messages, body }: AskedCall): string {
  const contents = body["contents"] as { parts: unknown }[] | undefined;
  if (contents !== undefined) return plainText(contents[0]?.parts);
  return plainText(messages.find(({ role }) => role === "user")?.content);
}

function plainText(content: unknown): string {
  if (typeof content === "string") return content;
  return (content as { text?: string }[]).map(({ text = "" }) => text).join("");
}

function dataOf(said: string): readonly string[] {
  return said
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data: "))
    .map((line) => line.slice("data: ".length));
}

function textOfChat(said: string): string {
  return dataOf(said)
    .filter((data) => data !== "[DONE]")
    .flatMap((data) => JSON.parse(data).choices ?? [])
    .map(({ delta }) => delta.content ?? "")
    .join("");
}

function textOfGemini(said: string): string {
  return dataOf(said)
    .flatMap((data) => JSON.parse(data).candidates ?? [])
    .flatMap(({ content }) => content?.parts ?? [])
    .map(({ text = "" }) => text)
    .join("");
}

function textOfMessages(said: string): string {
  return dataOf(said)
    .map((data) => JSON.parse(data).delta?.text ?? "")
    .join("");
}

function chatStream(payloads: readonly string[]): Buffer {
  return Buffer.from([...payloads, "[DONE]"].map((payload) => `data: ${payload}\n\n`).join(""));
}

function messagesStream(payloads: readonly string[]): Buffer {
  return Buffer.from(
    payloads.map((payload) => `event: ${JSON.parse(payload).type}\ndata: ${payload}\n\n`).join(""),
  );
}

/** A text in pieces that cut words, and white space, anywhere. */
function pieces(text: string): readonly string[] {
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}

function spokenChat(text: string): Buffer {
  const chunk = (delta: object, reason: string | null) =>
    JSON.stringify({
      id: "chatcmpl-other",
      object: "chat.completion.chunk",
      created: 2,
      model: "other",
      choices: [{ index: 0, delta, finish_reason: reason }],
    });
  const usage = { prompt_tokens: 100, completion_tokens: 40, total_tokens: 140 };
  return chatStream([
    chunk({ role: "assistant", content: "" }, null),
    ...pieces(text).map((content) => chunk({ content }, null)),
    chunk({}, "stop"),
    JSON.stringify({ id: "chatcmpl-other", object: "chat.completion.chunk", choices: [], usage }),
  ]);
}

function spokenMessages(text: string): Buffer {
  const usage = { input_tokens: 100, output_tokens: 1 };
  const message = { id: "msg_other", type: "message", role: "assistant", model: "o", content: [], usage };
  return messagesStream(
    [
      { type: "message_start", message },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      ...pieces(text).map((piece) => ({
        type: "content_block_delta",
        index: 0,
        delta: { type: "text_delta", text: piece },
      })),
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 40 } },
      { type: "message_stop" },
    ].map((event) => JSON.stringify(event)),
  );
}
