import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Pair, startPair, UPSTREAM_KEY } from "../process/pair.ts";
import type { Body, Newline, Scenario, Split } from "../upstream/client.ts";
import { listRecordingsIn, recordingFolders } from "../upstream/recordings.ts";
import { chatRecordings, payloadsOf, wholeText } from "./chat-recordings.ts";
import { groqSdk, MESSAGES, openaiClient, openaiSdk, type Sdk, type Side } from "./clients.ts";

/**
 * The official SDKs over every recording of the dialect: what one returns through the gateway is what it returns
 * directly from the provider, field for field and chunk for chunk.
 */

/** A packet a byte: for recordings up to this size, since a large one takes seconds and shows nothing more. */
const EVERY_BYTE_LIMIT = 12_000;
const SPLITS: readonly Split[] = ["per-event", "two-per-packet", "inside-utf8", "whole"];
const NEWLINES: readonly Newline[] = ["lf", "crlf", "cr"];

const { whole, streams, errors, missing } = chatRecordings(listRecordingsIn(recordingFolders()));

let pair: Pair;
let direct: Side;
let gateway: Side;

beforeAll(async () => {
  pair = await startPair();
  direct = { url: pair.upstream.url, key: UPSTREAM_KEY };
  gateway = { url: pair.gateway.url, key: pair.gateway.virtualKey };
});

afterAll(() => pair.dispose());

for (const { name, reason } of missing) {
  console.log(`skipped: ${name}: ${reason}`);
  test.skip(`${name} (${reason})`, () => {});
}

test("there are recordings to go by", () => {
  expect(whole.length).toBeGreaterThanOrEqual(4);
  expect(streams.length).toBeGreaterThanOrEqual(6);
  expect(errors.length).toBeGreaterThanOrEqual(4);
});

/** Registers the scenario and calls both sides, one after the other. */
async function both(sdk: (side: Side) => Sdk, how: keyof Sdk, scenario: Scenario) {
  await pair.upstream.scenario("recorded", scenario);
  const expected = await sdk(direct)[how]("recorded");
  const given = await sdk(gateway)[how]("replay/recorded");
  return { expected, given };
}

function sdksFor(recording: string): readonly [name: string, sdk: (side: Side) => Sdk][] {
  const openai = ["openai", openaiSdk] as const;
  return recording.startsWith("groq/") ? [[...openai], ["groq-sdk", groqSdk]] : [[...openai]];
}

describe("whole answers", () => {
  for (const recording of whole) {
    for (const [sdkName, sdk] of sdksFor(recording)) {
      test(`${recording} by ${sdkName}`, async () => {
        for (const split of ["whole", { at: [1, 7, 100] }, "inside-utf8"] as const) {
          const scenario = { body: { kind: "recording", recording }, split } as const;
          const { expected, given } = await both(sdk, "whole", scenario);
          expect(given).toStrictEqual(expected);
          expect(given).toHaveProperty("answer", JSON.parse(wholeText(recording)));
        }
      });
    }
  }
});

describe("streams", () => {
  for (const recording of streams) {
    const size = payloadsOf(recording).join("").length;
    const splits: readonly Split[] = size <= EVERY_BYTE_LIMIT ? [...SPLITS, "every-byte"] : SPLITS;
    for (const [sdkName, sdk] of sdksFor(recording)) {
      test(`${recording} by ${sdkName}`, async () => {
        for (const { split, newline } of combinations(splits)) {
          const scenario = { body: { kind: "stream-recording", recording, newline }, split } as const;
          const { expected, given } = await both(sdk, "streamed", scenario);
          expect(given).toStrictEqual(expected);
          expect(given).toHaveProperty("chunks.length", payloadsOf(recording).length);
        }
      });
    }
  }

  test("the very bytes, however lines end and packets are cut", async () => {
    const recording = "openai/openai-chat-non-ascii";
    for (const newline of NEWLINES) {
      for (const split of [...SPLITS, "every-byte"] as const) {
        await pair.upstream.scenario("bytes", {
          body: { kind: "stream-recording", recording, newline },
          split,
        });
        const body = { model: "bytes", messages: MESSAGES, stream: true };
        const expected = await post(direct, JSON.stringify(body));
        const given = await post(gateway, JSON.stringify({ ...body, model: "replay/bytes" }));
        expect(await given.text()).toBe(await expected.text());
        expect(given.headers.get("content-type")).toBe(expected.headers.get("content-type"));
      }
    }
  });

  test("events, fields and comments that no one has heard of", async () => {
    const chunk = (delta: object, finish: string | null) =>
      JSON.stringify({
        id: "c",
        object: "chat.completion.chunk",
        x_new: { a: [1] },
        choices: [{ index: 0, delta, finish_reason: finish }],
      });
    const events = [
      chunk({ role: "assistant", content: "", x_mood: null }, null),
      chunk({ content: "a", x_thought: { text: "hm" } }, null),
      JSON.stringify({ type: "x.ping", at: 1 }),
      chunk({}, "x_new_reason"),
    ];
    const text = `: hello\n\nretry: 100\n\n${events.map((event) => `id: 7\ndata: ${event}\n\n`).join("")}event: x.new\ndata: {"a":1}\n\ndata: [DONE]\n\n`;
    const scenario: Scenario = {
      body: { kind: "text", text, contentType: "text/event-stream" },
      split: "whole",
    };
    const { expected, given } = await both(openaiSdk, "streamed", scenario);
    expect(given).toStrictEqual(expected);
    const response = await post(
      gateway,
      JSON.stringify({ model: "replay/recorded", messages: MESSAGES, stream: true }),
    );
    expect(await response.text()).toBe(text);
  });
});

describe("refusals", () => {
  for (const recording of errors) {
    for (const status of statusesOf(recording)) {
      for (const how of ["whole", "streamed"] as const) {
        test(`${recording} with ${status}, ${how}`, async () => {
          const body: Body = { kind: "recording", recording };
          const { expected, given } = await both(openaiSdk, how, {
            body,
            status,
            headers: { "retry-after": "3" },
          });
          expect(expected).toHaveProperty("error.status", status);
          expect(given).toStrictEqual(expected);
        });
      }
    }
  }

  test("groq-sdk sees the same refusal", async () => {
    const body: Body = { kind: "recording", recording: "openai/openai-error-429" };
    const { expected, given } = await both(groqSdk, "whole", { body, status: 429 });
    expect(expected).toHaveProperty("error.status", 429);
    expect(given).toStrictEqual(expected);
  });

  test("one of the gateway's own key is not the caller's to see", async () => {
    const body: Body = { kind: "recording", recording: "openai/openai-error-401" };
    const { given } = await both(openaiSdk, "whole", { body, status: 401 });
    expect(given).toHaveProperty("error.status", 502);
    expect(given).toHaveProperty("error.code", "upstream_authentication");
    expect(JSON.stringify(given)).not.toContain("sk-sample");
  });
});

describe("what the provider is sent", () => {
  test("an SDK's body, but for the model's name", async () => {
    await pair.upstream.clearCalls();
    const params = {
      messages: [{ role: "user" as const, content: "Grüße, 門番 👩‍👩‍👧" }],
      temperature: 0.25,
      tools: [{ type: "function" as const, function: { name: "open", parameters: { type: "object" } } }],
      x_unknown: { kept: [1, 2.5, null, "é"] },
    };
    await openaiClient(gateway).chat.completions.create({ ...params, model: "replay/gate-1" });
    await openaiClient(direct).chat.completions.create({ ...params, model: "gate-1" });
    const [through, straight] = await pair.upstream.waitForCalls((calls) => calls.length === 2);
    expect(through?.bodyText).toBe(straight?.bodyText ?? "");
    expect(through?.path).toBe("/v1/chat/completions");
  });

  const bodies = {
    "odd spacing and order": `\n{ "messages" :\t[ {"content":"hi" , "role":"user"} ] ,\r\n  "model"   :   "replay/gate-2"  ,"n":1 }\n`,
    "numbers as they are written": `{"model":"replay/gate-2","messages":[{"role":"user","content":"x"}],"seed":12345678901234567890,"top_p":1.0,"x":1e2}`,
    "escapes as they are written": String.raw`{"model":"replay/gate-2","messages":[{"role":"user","content":"\u00e9\/\ud83d\ude00"}],"\u0078":"\\"}`,
    "non-ASCII": `{"messages":[{"role":"user","content":"é 門 😀 \u2028"}],"x_ключ":"значение","model":"replay/gate-2"}`,
    "the model's name escaped": String.raw`{"model":"replay\/gate\u002d2","messages":[{"role":"user","content":"x"}]}`,
    "the name of the model in other places": `{"messages":[{"role":"user","content":"\\"model\\": \\"replay/gate-2\\"","model":"replay/gate-2"}],"model":"replay/gate-2","x":{"model":"replay/gate-2"}}`,
    "members called as what JavaScript objects have": `{"__proto__":{"a":1},"constructor":2,"model":"replay/gate-2","messages":[{"role":"user","content":"x","__proto__":null}]}`,
  };
  for (const [what, text] of Object.entries(bodies)) {
    test(what, async () => {
      await pair.upstream.clearCalls();
      const response = await post(gateway, text);
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      const [call] = await pair.upstream.waitForCalls((calls) => calls.length === 1);
      const { model } = JSON.parse(call?.bodyText ?? "{}");
      expect(model).toBe("gate-2");
      // Top level only, and once: the rest is as it was.
      const member = /("model"\s*:\s*)"replay(?:\\?\/)gate(?:-|\\u002d)2"(?=\s*[,}](?!\]))/;
      const expected = what.includes("other places")
        ? text.replace(`],"model":"replay/gate-2"`, `],"model":"gate-2"`)
        : text.replace(member, `$1"gate-2"`);
      expect(call?.bodyText).toBe(expected);
      expect(call?.bodyBytes).toBe(Buffer.byteLength(expected));
    });
  }

  test("the provider's key, and never the caller's", async () => {
    await pair.upstream.clearCalls();
    const text = JSON.stringify({ model: "replay/gate-3", messages: MESSAGES });
    const elsewhere = {
      cookie: `key=${gateway.key}`,
      "openai-organization": gateway.key,
      "x-other": gateway.key,
    };
    for (const headers of [
      bearer(gateway.key),
      { "x-api-key": gateway.key },
      { ...bearer(gateway.key), ...elsewhere },
    ]) {
      expect((await post(gateway, text, headers)).status).toBe(200);
    }
    const calls = await pair.upstream.waitForCalls((seen) => seen.length === 3);
    for (const { headers, bodyText } of calls) {
      const keys = headers.filter(([name]) => name.toLowerCase() === "authorization");
      expect(keys.map(([, value]) => value)).toEqual([`Bearer ${UPSTREAM_KEY}`]);
      expect(JSON.stringify(headers) + bodyText).not.toContain(gateway.key);
      expect(JSON.stringify(headers) + bodyText).not.toContain("gh_");
    }
  });
});

function* combinations(splits: readonly Split[]): Iterable<{ split: Split; newline: Newline }> {
  for (const split of splits) yield { split, newline: "lf" };
  const finest = splits.includes("every-byte") ? "every-byte" : "inside-utf8";
  for (const newline of ["crlf", "cr"] as const) yield { split: finest, newline };
}

/** The status that a recording's name tells, or those that a body without one may have come with. */
function statusesOf(recording: string): readonly number[] {
  const named = Number(/-(\d{3})$/.exec(recording)?.[1]);
  if (named === 401) return [];
  return Number.isNaN(named) ? [400, 404, 409, 422, 429, 500, 503] : [named];
}

function post(
  { url, key }: Side,
  body: string,
  headers: Record<string, string> = bearer(key),
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}
