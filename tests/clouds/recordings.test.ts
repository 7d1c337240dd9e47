import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { dialects } from "../../src/dialects/index.ts";
import { PLAIN_FORM, type StreamFraming } from "../../src/model/dialect.ts";
import type { DialectId } from "../../src/model/dialect-id.ts";
import { fold, type InferenceResponse } from "../../src/model/inference-response.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { encodeRecordedEvent } from "../upstream/amazon-event-stream.ts";
import type { Scenario } from "../upstream/client.ts";
import {
  listRecordingsIn,
  readStreamRecording,
  readWholeRecording,
  recordingFolders,
} from "../upstream/recordings.ts";
import { type CloudPair, startCloud } from "./cloud-pair.ts";

/**
 * Every recorded answer of the clouds, as OpenAI's and Anthropic's SDKs see it through a gateway process: texts, calls
 * and usage are the provider's, whole and streamed.
 */

interface Cloud {
  readonly target: string;
  readonly folder: string;
  readonly dialect: DialectId;
  readonly framing?: "amazon-event-stream";
}

const CLOUDS: readonly Cloud[] = [
  {
    target: "bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    folder: "amazon-bedrock",
    dialect: "bedrock-converse",
    framing: "amazon-event-stream",
  },
  { target: "vertex/gemini-3-pro-preview", folder: "google", dialect: "gemini" },
  { target: "cohere/command-a-03-2025", folder: "cohere", dialect: "cohere" },
];
/** Of other operations, or of what these clients have no place for. */
const ELSEWHERE = /embed|rerank|count|error|429|blocked|image|code|candidates/;

const folders = recordingFolders();
const listings = listRecordingsIn(folders);
const recordingsOf = (folder: string) =>
  listings.filter(({ name }) => name.startsWith(`${folder}/`) && !ELSEWHERE.test(name));
for (const { folder } of [...CLOUDS, { folder: "azure" }]) {
  if (!listings.some(({ name, source }) => source === "shared" && name.startsWith(`${folder}/`)))
    console.log(`skipped: real recordings of ${folder}: ${folders.at(-1)} has none`);
}

let cloud: CloudPair;
let anthropic: Anthropic;
beforeAll(async () => {
  cloud = await startCloud((url) =>
    [
      "providers:",
      `  bedrock: { base_url: ${url}, options: { region: eu-west-1 }, key: k }`,
      `  vertex: { base_url: "${url}/v1/projects/p/locations/global", options: { project: p }, key: k }`,
      `  azure: { base_url: ${url}/openai/v1, options: { resource: r }, key: k }`,
      `  cohere: { base_url: ${url}/v2, key: k }`,
      "",
    ].join("\n"),
  );
  anthropic = new Anthropic({
    apiKey: cloud.gateway.virtualKey,
    baseURL: cloud.gateway.url,
    maxRetries: 0,
  });
});
afterAll(() => cloud.dispose());

/** What an answer comes to, whoever says it. */
interface Said {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

function expectedOf({ choices, usage }: InferenceResponse): Said {
  const blocks = choices[0]?.blocks ?? [];
  return {
    text: blocks.map((block) => (block.kind === "text" ? block.text : "")).join(""),
    calls: blocks.flatMap((block) =>
      block.kind === "tool-call" ? [{ name: block.name ?? "", input: JSON.parse(block.text || "{}") }] : [],
    ),
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
  };
}

function wholeOf({ dialect }: Cloud, name: string): Said {
  const chat = dialects.get(dialect)?.upstream?.operations.chat;
  if (chat === undefined) throw new Error("no chat");
  return expectedOf(
    chat.decodeResponse(JSON.parse(readWholeRecording(folders, name).toString()), PLAIN_FORM),
  );
}

function streamOf({ dialect, framing }: Cloud, name: string): Said {
  const face = dialects.get(dialect)?.upstream;
  const decoder = face?.operations.chat?.openStreamDecoder?.(PLAIN_FORM);
  const open: StreamFraming | undefined = framing && face?.openFraming?.();
  const events: StreamEvent[] = [];
  for (const line of readStreamRecording(folders, name)) {
    const step = (data: string, event?: string) => events.push(...(decoder?.step(data, event) ?? []));
    if (open === undefined) step(line);
    else open.push(encodeRecordedEvent(line), ({ data, event }) => step(data, event));
  }
  return expectedOf(fold([...events, ...(decoder?.end() ?? [])]));
}

const QUESTION = [{ role: "user" as const, content: "Who stands at the gate?" }];

async function byOpenai(model: string, stream: boolean): Promise<Said> {
  const asked = { model, messages: QUESTION };
  const answer: OpenAI.ChatCompletion = stream
    ? await cloud.openai.chat.completions
        .stream({ ...asked, stream_options: { include_usage: true } })
        .finalChatCompletion()
    : await cloud.openai.chat.completions.create(asked);
  const message = answer.choices[0]?.message;
  return {
    text: message?.content ?? "",
    calls: (message?.tool_calls ?? []).flatMap((call) =>
      call.type === "function"
        ? [{ name: call.function.name, input: JSON.parse(call.function.arguments) }]
        : [],
    ),
    inputTokens: answer.usage?.prompt_tokens,
    outputTokens: answer.usage?.completion_tokens,
  };
}

async function byAnthropic(model: string, stream: boolean): Promise<Said> {
  const asked = { model, messages: QUESTION, max_tokens: 1000 };
  const { content, usage } = stream
    ? await anthropic.messages.stream(asked).finalMessage()
    : await anthropic.messages.create(asked);
  const cached = (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
  return {
    text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    calls: content.flatMap((block) =>
      block.type === "tool_use" ? [{ name: block.name, input: block.input }] : [],
    ),
    inputTokens: usage.input_tokens + cached,
    outputTokens: usage.output_tokens,
  };
}

for (const one of CLOUDS) {
  describe(one.target, () => {
    for (const { name, whole, stream } of recordingsOf(one.folder)) {
      test.skipIf(!whole)(`${name}, whole`, async () => {
        await cloud.upstream.scenario("default", { body: { kind: "recording", recording: name } });
        const expected = wholeOf(one, name);
        expect(await byOpenai(one.target, false)).toEqual(expected);
        expect(await byAnthropic(one.target, false)).toEqual(expected);
      });

      test.skipIf(!stream)(`${name}, streamed`, async () => {
        const { framing } = one;
        const body = { kind: "stream-recording", recording: name, ...(framing && { framing }) } as const;
        const scenario: Scenario = { body, split: "two-per-packet" };
        await cloud.upstream.scenario("default", scenario);
        const expected = streamOf(one, name);
        expect(await byOpenai(one.target, true)).toEqual(expected);
        expect(await byAnthropic(one.target, true)).toEqual(expected);
      });
    }
  });
}

describe("azure/my-gpt, by Responses: passed through", () => {
  for (const { name, whole, stream } of recordingsOf("azure")) {
    test.skipIf(!whole)(`${name}, whole`, async () => {
      await cloud.upstream.scenario("default", { body: { kind: "recording", recording: name } });
      const said = await cloud.post("/v1/responses", { model: "azure/my-gpt", input: "Who?" });
      expect(await said.text()).toBe(readWholeRecording(folders, name).toString());
    });

    test.skipIf(!stream)(`${name}, streamed`, async () => {
      await cloud.upstream.scenario("default", { body: { kind: "stream-recording", recording: name } });
      const events: unknown[] = [];
      const asked = { model: "azure/my-gpt", input: "Who?", stream: true } as const;
      for await (const event of await cloud.openai.responses.create(asked)) events.push(event);
      expect(events).toEqual(readStreamRecording(folders, name).map((line) => JSON.parse(line)));
    });
  }
});
