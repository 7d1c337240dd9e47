import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ContentPart } from "../../../src/model/content-part.ts";
import type { Conversation } from "../../../src/model/conversation.ts";
import type { DialectId } from "../../../src/model/dialect-id.ts";
import { type GatewayProcess, startGateway } from "../../process/gateway-process.ts";
import { UPSTREAM_KEY } from "../../process/pair.ts";
import type { Side } from "../../sdk/clients.ts";
import type { Said } from "../../sdk/provider-answers.ts";
import { type ReplayServer, startReplayServer } from "../../upstream/client.ts";
import { clientDialects, sourceOf } from "../chat-dialects.ts";
import { aiAnthropic, aiGoogle, aiOpenAIChat, aiOpenAIResponses } from "./ai-sdk.ts";
import { anthropicSdk } from "./anthropic-sdk.ts";
import { googleSdk } from "./google-sdk.ts";
import { groqSdk } from "./groq-sdk.ts";
import { openaiChatSdk, openaiResponsesSdk } from "./openai-sdk.ts";
import { ANSWER, CALLS, type JudgingSdk, opened, PERSON, PICTURE, QUESTION, SCHEMA, TOOL } from "./tasks.ts";
import { MODEL, UPSTREAM_WORDS, type UpstreamWords } from "./upstream-words.ts";

/**
 * The official SDKs, unmodified, through a real gateway process, each against a provider of each dialect. What the SDK
 * makes of the answer is what the provider said, and the request that reached the provider means what was asked.
 */

setDefaultTimeout(30_000);

const SDKS: readonly { readonly name: string; readonly dialect: DialectId; open(side: Side): JudgingSdk }[] =
  [
    { name: "openai, chat completions", dialect: "openai-chat", open: openaiChatSdk },
    { name: "openai, Responses", dialect: "openai-responses", open: openaiResponsesSdk },
    { name: "@anthropic-ai/sdk", dialect: "anthropic-messages", open: anthropicSdk },
    { name: "@google/genai", dialect: "gemini", open: googleSdk },
    { name: "groq-sdk", dialect: "openai-chat", open: groqSdk },
    { name: "ai with @ai-sdk/openai, Responses", dialect: "openai-responses", open: aiOpenAIResponses },
    { name: "ai with @ai-sdk/openai, chat", dialect: "openai-chat", open: aiOpenAIChat },
    { name: "ai with @ai-sdk/anthropic", dialect: "anthropic-messages", open: aiAnthropic },
    { name: "ai with @ai-sdk/google", dialect: "gemini", open: aiGoogle },
  ];

const UPSTREAMS = Object.entries(UPSTREAM_WORDS) as readonly [DialectId, UpstreamWords][];

let gateway: GatewayProcess;
let upstream: ReplayServer;
let side: Side;

beforeAll(async () => {
  upstream = await startReplayServer();
  const providers = UPSTREAMS.map(
    ([dialect, { path }]) =>
      `  up-${dialect}: { dialect: ${dialect}, base_url: "${upstream.url}${path}", key: ${UPSTREAM_KEY}, models: [${MODEL}] }`,
  );
  gateway = await startGateway({ configuration: ["providers:", ...providers, ""].join("\n") });
  side = { url: gateway.url, key: gateway.virtualKey };
});

afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

/** Says what the provider answers, call by call. */
async function script({ keys, answer, stream }: UpstreamWords, ...said: readonly Said[]): Promise<void> {
  await upstream.clearCalls();
  const whole = said.map(answer);
  const streamed = said.map(stream);
  const isOneKey = keys.whole === keys.streamed;
  await upstream.scenarios(
    isOneKey ? { [keys.whole]: whole } : { [keys.whole]: whole, [keys.streamed]: streamed },
  );
}

async function scriptStream({ keys, stream }: UpstreamWords, said: Said): Promise<void> {
  await upstream.clearCalls();
  await upstream.scenarios({ [keys.streamed]: stream(said) });
}

/** The requests that the provider received, read as its own vendor reads them. */
async function received(dialect: DialectId): Promise<readonly Conversation[]> {
  const reader = clientDialects.find(({ id }) => id === dialect);
  if (reader === undefined) throw new Error(`nobody reads requests in ${dialect}`);
  return (await upstream.calls()).map(({ bodyText }) =>
    reader.inbound.decodeRequest(sourceOf(reader.row, bodyText, false)).content(),
  );
}

/** The last message that a user said, as far as it is text or an image. */
function lastAsked({ messages }: Pick<Conversation, "messages">): unknown {
  const content = messages.filter(({ role }) => role === "user").at(-1)?.content ?? [];
  return content.map((part) =>
    part.kind === "text" ? part.text : part.kind === "image" ? part.source : part,
  );
}

/** Anthropic's tool runner leaves the conversation with a provider of its own dialect, and sends what is new alone. */
function isThreaded(conversation: Conversation | typeof NOTHING): boolean {
  return "untranslatable" in conversation && conversation.untranslatable?.field === "thread";
}

const NOTHING: { readonly messages: Conversation["messages"] } = { messages: [] };

const REASONING = { text: "Hm. Two gates?", proof: "cHJvb2Ytb2YtcmVhc29uaW5n" };

/** What runs tools by itself and sends back nothing but OpenAI's own members; by hand (groq-sdk) all is sent back. */
const KEEPS_NO_PROOFS: ReadonlySet<string> = new Set([
  "openai, chat completions",
  "ai with @ai-sdk/openai, chat",
]);

for (const { name, dialect: spoken, open } of SDKS) {
  describe(name, () => {
    for (const [dialect, words] of UPSTREAMS) {
      const model = `up-${dialect}/${MODEL}`;

      test(`text from ${dialect}`, async () => {
        await script(words, { text: ANSWER });
        expect(await open(side).text(model)).toEqual({ text: ANSWER, inputTokens: 20, outputTokens: 9 });
        const [asked = NOTHING] = await received(dialect);
        expect(lastAsked(asked)).toEqual([QUESTION]);
      });

      test(`a stream from ${dialect}`, async () => {
        await scriptStream(words, { text: ANSWER });
        const { text, inputTokens = 20, outputTokens = 9 } = await open(side).stream(model);
        expect({ text, inputTokens, outputTokens }).toEqual({
          text: ANSWER,
          inputTokens: 20,
          outputTokens: 9,
        });
      });

      test(`tools called and answered, two turns, by ${dialect}`, async () => {
        await script(words, { text: "I open them.", calls: CALLS }, { text: ANSWER });
        expect(await open(side).tools(model)).toBe(ANSWER);
        const [first, second = NOTHING] = await received(dialect);
        expect(first?.tools).toMatchObject([
          { kind: "function", name: TOOL.name, description: TOOL.description, parameters: TOOL.parameters },
        ]);
        if (isThreaded(second)) return;
        const turn = second.messages.filter(({ role }) => role !== "user" && role !== "system");
        const called = turn.flatMap(({ content }) => content).filter(({ kind }) => kind === "tool-call");
        expect(
          called.map((part) => part.kind === "tool-call" && [part.id, JSON.parse(part.arguments)]),
        ).toEqual(CALLS.map((call) => [call.id, JSON.parse(call.arguments)]));
        const results = second.messages.flatMap((message) => (message.role === "tool" ? [message] : []));
        expect(results.map(({ toolCallId }) => toolCallId)).toEqual(CALLS.map(({ id }) => id));
        for (const [index, { content }] of results.entries()) {
          const { gate } = JSON.parse(CALLS[index]?.arguments ?? "{}");
          expect(textOf(content[0])).toContain(opened(gate));
        }
      });

      test(`reasoning's proof back with the second turn, to ${dialect}`, async () => {
        if (words.signs !== true || KEEPS_NO_PROOFS.has(name)) return;
        await script(words, { reasoning: REASONING, text: "I open them.", calls: CALLS }, { text: ANSWER });
        expect(await open(side).tools(model)).toBe(ANSWER);
        const [, second = NOTHING] = await received(dialect);
        if (isThreaded(second)) return;
        const parts = second.messages.flatMap(({ content }): readonly ContentPart[] => content);
        const proofs = parts.flatMap((part) =>
          "signature" in part && part.signature ? [part.signature.value] : [],
        );
        expect(proofs).toEqual([REASONING.proof]);
        expect((await upstream.calls()).at(-1)?.bodyText).toContain(JSON.stringify(REASONING.proof));
      });

      test(`structured output from ${dialect}`, async () => {
        const text = JSON.stringify(PERSON);
        const sdk = open(side);
        const isTranslated = words.jsonByTool === true && spoken !== dialect;
        const name = sdk.jsonTool ?? (isTranslated ? "give_answer" : undefined);
        await script(
          words,
          name === undefined ? { text } : { calls: [{ id: "call_1", name, arguments: text }] },
        );
        expect(await sdk.structured(model)).toEqual(PERSON);
        const [asked] = await received(dialect);
        if (name === undefined)
          expect(asked?.responseFormat).toMatchObject({ kind: "json-schema", schema: SCHEMA });
        else expect(asked?.tools).toMatchObject([{ name, parameters: SCHEMA }]);
        if (name !== undefined) expect(["required", "tool"]).toContain(String(asked?.toolChoice?.kind));
      });

      test(`an image to ${dialect}`, async () => {
        await script(words, { text: ANSWER });
        expect(await open(side).image(model)).toBe(ANSWER);
        const [asked = NOTHING] = await received(dialect);
        expect(lastAsked(asked)).toEqual([
          QUESTION,
          { from: "base64", mediaType: "image/png", data: PICTURE },
        ]);
      });
    }
  });
}

/** A result may stand in an object of the client's own, as Google's do. */
function textOf(part: Conversation["messages"][number]["content"][number] | undefined): string {
  return part?.kind === "text" ? part.text : "";
}
