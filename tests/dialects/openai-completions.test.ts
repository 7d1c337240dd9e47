import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import { decodeRequest } from "../../src/dialects/openai-completions/decode-request.ts";
import { decodeResponse } from "../../src/dialects/openai-completions/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/openai-completions/decode-stream.ts";
import { encodeResponse } from "../../src/dialects/openai-completions/encode-response.ts";
import { openStreamEncoder } from "../../src/dialects/openai-completions/encode-stream.ts";
import { openStreamScanner, scanResponse } from "../../src/dialects/openai-completions/usage-scanner.ts";
import type { EncodeTarget } from "../../src/model/dialect.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { anyAnswer, streamed } from "./any-answer.ts";
import { bytesOf, expectWellFormed, meaning, receipt, thrown } from "./chat.ts";
import { faults } from "./openai-description.ts";
import { completionsRecordings, readChunks, readWhole } from "./recorded.ts";

const target: EncodeTarget = { model: "m", quirks: {} };
const completionRequest = (body: JsonObject): InferenceRequest<"chat"> =>
  decodeRequest({ bytes: bytesOf(JSON.stringify({ model: "m", prompt: "Once", ...body })) });
const translated = (body: JsonObject) => encodeChat(completionRequest(body), target);

function decodeStream(payloads: readonly string[], done = true): readonly StreamEvent[] {
  const decoder = openStreamDecoder();
  const events = payloads.flatMap((payload) => decoder.step(payload, undefined));
  return [...events, ...(done ? decoder.step("[DONE]", undefined) : []), ...decoder.end()];
}

function encodeStream(events: readonly StreamEvent[], body: JsonObject = {}): readonly string[] {
  const request = completionRequest({ stream: true, stream_options: { include_usage: true }, ...body });
  const encoder = openStreamEncoder(request);
  const written = events.map((event) => encoder.encode(event)).join("") + encoder.close(receipt);
  return written
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));
}

const textOf = (payloads: readonly string[]): string =>
  payloads
    .slice(0, -1)
    .map((payload): string => JSON.parse(payload).choices[0]?.text ?? "")
    .join("");

describe("requests", () => {
  test("facts", () => {
    expect(completionRequest({ stream: true, max_tokens: 9, user: "u" })).toMatchObject({
      operation: "chat",
      dialect: "openai-completions",
      model: "m",
      stream: true,
      maxOutputTokens: 9,
      endUser: "u",
    });
    const cases: readonly [JsonObject, string][] = [
      [{ model: 3 }, "model"],
      [{ prompt: 3 }, "prompt"],
      [{ n: 0 }, "n"],
      [{ stream: "yes" }, "stream"],
      [{ max_tokens: "9" }, "max_tokens"],
    ];
    for (const [body, field] of cases)
      expect(thrown(() => completionRequest(body))).toMatchObject({ code: "invalid_request", field });
  });

  test("a prompt becomes what the user says, bounded as the API bounds it", () => {
    const messages = [{ role: "user", content: "Once" }];
    expect(JSON.parse(translated({}).body)).toEqual({ model: "m", messages, max_tokens: 16 });
    expect(JSON.parse(translated({ prompt: ["Once"] }).body).messages).toEqual(messages);
    const rest = { temperature: 0.5, top_p: 0.5, seed: 3, presence_penalty: 1, frequency_penalty: 1, n: 2 };
    const { losses, body } = translated({
      ...rest,
      max_tokens: 5,
      stop: "x",
      logprobs: 2,
      echo: true,
      best_of: 2,
    });
    expect(losses).toEqual([]);
    expect(JSON.parse(body)).toEqual({
      model: "m",
      messages,
      ...rest,
      max_tokens: 5,
      stop: ["x"],
      logprobs: true,
      top_logprobs: 2,
    });
  });

  test("what a conversation has no word for is named, or refused where it is another request", () => {
    const { losses } = translated({ best_of: 3, logit_bias: { "1": 2 }, suffix: null });
    expect(losses.map(({ field }) => field)).toEqual(["best_of", "logit_bias"]);
    const refused: readonly [JsonObject, string][] = [
      [{ suffix: "end" }, "suffix"],
      [{ prompt: ["a", "b"] }, "prompt"],
      [{ prompt: [1, 2, 3] }, "prompt"],
      [{ prompt: [[1, 2], [3]] }, "prompt"],
      [{ prompt: "" }, "prompt"],
      [{ prompt: null }, "prompt"],
    ];
    for (const [body, field] of refused) {
      expect(thrown(() => translated(body))).toMatchObject({ code: "cannot_translate", field });
    }
  });
});

describe("answers", () => {
  const recordings = completionsRecordings();

  for (const recorded of recordings.filter((one) => !one.isStream)) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const response = decodeResponse(body);
      expect(response.usage).toEqual(scanResponse(body).usage ?? expect.anything());
      const written: unknown = JSON.parse(encodeResponse(response, completionRequest({}), receipt));
      expect(faults("CreateCompletionResponse", written)).toEqual([]);
      expect(meaning(decodeResponse(written))).toEqual(meaning(response));
    });
  }

  for (const recorded of recordings.filter((one) => one.isStream)) {
    test(recorded.name, () => {
      const chunks = readChunks(recorded);
      const response = expectWellFormed(decodeStream(chunks));
      expect(response.error).toBeUndefined();
      expect(response.choices[0]?.finishReason).toBe("length");
      expect(decodeStream(chunks, false)).toEqual(decodeStream(chunks));
      const payloads = encodeStream(decodeStream(chunks));
      expect(payloads.at(-1)).toBe("[DONE]");
      expect(meaning(fold(decodeStream(payloads.slice(0, -1))))).toEqual(meaning(response));
      const cut = chunks.filter((line) => !/"finish_reason":\s*"/.test(line));
      expect(fold(decodeStream(cut, false)).error?.code).toBe("upstream_interrupted");
    });

    test(`${recorded.name}, scanned as it passes`, () => {
      const scanner = openStreamScanner();
      const kinds = [...readChunks(recorded), "[DONE]"].map((chunk) => {
        const bytes = bytesOf(`data: ${chunk}\n\n`);
        return scanner.scan(bytes, 0, bytes.length);
      });
      expect([kinds[0], kinds.at(-1)]).toEqual(["content", "terminal"]);
      const { usage } = fold(decodeStream(readChunks(recorded)));
      expect(scanner.facts()).toMatchObject({ finishReason: "length", outputEvents: 16 });
      expect(scanner.facts().usage).toEqual(usage ?? expect.anything());
    });
  }

  test("the prompt stands before the answer where the client asks for it", () => {
    const answer = { choices: [{ blocks: [{ kind: "text", text: " upon" }] }] } as const;
    const echoing = { echo: true, prompt: ["Once"] };
    const written = JSON.parse(encodeResponse(answer, completionRequest(echoing), receipt));
    expect(written.choices[0].text).toBe("Once upon");
    expect(textOf(encodeStream(streamed(answer), echoing))).toBe("Once upon");
    expect(textOf(encodeStream(streamed({ choices: [{ blocks: [], finishReason: "stop" }] }), echoing))).toBe(
      "Once",
    );
  });

  test("log probabilities run beside the tokens, counted from the choice's beginning", () => {
    const tokens = [" up", "on"].map((token) => ({
      token,
      logProbability: -1,
      alternatives: [{ token: "x", logProbability: -2 }],
    }));
    const answer = {
      choices: [{ blocks: [{ kind: "text", text: " upon", tokenProbabilities: tokens }] }],
    } as const;
    const logprobs = {
      tokens: [" up", "on"],
      token_logprobs: [-1, -1],
      top_logprobs: [{ x: -2 }, { x: -2 }],
      text_offset: [4, 7],
    };
    const written = JSON.parse(encodeResponse(answer, completionRequest({ echo: true }), receipt));
    expect(written.choices[0].logprobs).toEqual(logprobs);
    const streamedLogprobs = encodeStream(streamed(answer), { echo: true })
      .slice(0, -1)
      .flatMap((payload) => JSON.parse(payload).choices[0]?.logprobs ?? []);
    expect(streamedLogprobs).toEqual([logprobs]);
    expect(
      decodeResponse({ choices: [{ text: " upon", logprobs }] }).choices[0]?.blocks[0]?.tokenProbabilities,
    ).toEqual(tokens);
  });

  test("failures, and what is no completion", () => {
    expect(thrown(() => decodeResponse({ error: { message: "no", code: 429 } })).errorClass).toBe(
      "rate_limit",
    );
    expect(thrown(() => decodeResponse({ output: [] })).code).toBe("upstream_invalid_answer");
    expect(thrown(() => scanResponse({ choices: [] })).code).toBe("upstream_invalid_answer");
    expect(fold(decodeStream(['{"error":{"message":"no"}}'])).error?.errorClass).toBe("server");
    expect(fold(decodeStream(["nonsense"])).error?.code).toBe("upstream_invalid_answer");
    const scanner = openStreamScanner();
    const bytes = bytesOf('data: {"error":{"message":"no","code":503}}\n\n');
    expect(scanner.scan(bytes, 0, bytes.length)).toBe("error");
    expect(scanner.failure()).toEqual({ errorClass: "overloaded", codes: ["503"], message: "no" });
  });
});

test("any answer is the same whole and streamed", () => {
  fc.assert(
    fc.property(anyAnswer, (answer) => {
      const whole: unknown = JSON.parse(encodeResponse(answer, completionRequest({}), receipt));
      expect(faults("CreateCompletionResponse", whole)).toEqual([]);
      const payloads = encodeStream(streamed(answer));
      const again = expectWellFormed(decodeStream(payloads.slice(0, -1)));
      expect(meaning(again)).toEqual(meaning(decodeResponse(whole)));
    }),
    { numRuns: 100 },
  );
});

test("anything at all breaks neither the decoder nor the scanner", () => {
  const member = fc.oneof(fc.constant(null), fc.string(), fc.integer(), fc.constant([]), fc.constant({}));
  const choice = fc.dictionary(fc.constantFrom("text", "index", "finish_reason", "logprobs"), member);
  const chunk = fc.dictionary(
    fc.constantFrom("choices", "usage", "id", "error"),
    fc.oneof(member, fc.array(choice)),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(chunk, fc.string())), (chunks) => {
      const payloads = chunks.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
      fold(decodeStream(payloads));
      const scanner = openStreamScanner();
      for (const payload of payloads) {
        const bytes = bytesOf(`data: ${payload}\n\n`);
        scanner.scan(bytes, 0, bytes.length);
      }
      scanner.facts();
    }),
    { numRuns: 150 },
  );
});
