import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { decodeRequest } from "../../src/dialects/gemini/decode-request.ts";
import { openStreamDecoder } from "../../src/dialects/gemini/decode-stream.ts";
import { openStreamEncoder } from "../../src/dialects/gemini/encode-stream.ts";
import { PLAIN_FORM, type RequestSource } from "../../src/model/dialect.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import type { InferenceResponse } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import { bytesOf, receipt } from "./chat.ts";
import { type Recorded, readChunks, readWhole } from "./recorded.ts";

const SHARED = join(import.meta.dir, "../../../shared/recordings/google");
const OWN = join(import.meta.dir, "../samples/google");

/** Answers of generateContent, of all recordings there are; says so where the shared ones are missing. */
export function googleRecordings(): readonly Recorded[] {
  if (!existsSync(SHARED)) console.log(`skipped: recordings of google: ${SHARED} is missing`);
  return [SHARED, OWN].flatMap(inFolder).filter(isGeneration);
}

/** One of the project's own samples. */
export function sample(name: string): JsonObject {
  return readWhole({ name, path: join(OWN, `${name}.json`), isStream: false }) as JsonObject;
}

/** The payloads of one of the project's own streams. */
export function sampleChunks(name: string): readonly string[] {
  return readChunks({ name, path: join(OWN, `${name}.chunks.txt`), isStream: true });
}

/** A request as it comes to `/v1beta/models/...`. */
export function source(body: JsonObject, pathRest = "m:generateContent", query = ""): RequestSource {
  return { bytes: bytesOf(JSON.stringify(body)), pathRest, query: () => new URLSearchParams(query) };
}

export const googleRequest = (body: JsonObject, pathRest?: string): InferenceRequest<"chat"> =>
  decodeRequest(source(body, pathRest));

export const streaming = googleRequest(
  { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
  "m:streamGenerateContent",
);

/** All events of a stream, up to its end. */
export function decodeGoogle(payloads: readonly unknown[]): readonly StreamEvent[] {
  const decoder = openStreamDecoder(PLAIN_FORM);
  const events = payloads.flatMap((payload) =>
    decoder.step(typeof payload === "string" ? payload : JSON.stringify(payload), undefined),
  );
  return [...events, ...decoder.end()];
}

/** The events written as a client's stream, as payloads. */
export function encodeGoogle(events: readonly StreamEvent[]): readonly string[] {
  const encoder = openStreamEncoder(streaming);
  const written = events.map((event) => encoder.encode(event)).join("") + encoder.close(receipt);
  return written
    .split("\r\n\r\n")
    .filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));
}

/** What an answer says, whole or streamed: runs joined, and proofs where they stand. */
export function saying(response: InferenceResponse): unknown {
  const { raw: _raw, billedToolCalls: _billed, billedTools: _tools, ...usage } = response.usage ?? NO_USAGE;
  return {
    id: response.id,
    model: response.model,
    serviceTier: response.serviceTier,
    choices: response.choices.map(({ blocks, finishReason }) => ({
      blocks: blocks.map(plainBlock),
      finishReason,
    })),
    usage,
  };
}

function plainBlock({
  citations,
  ...block
}: InferenceResponse["choices"][number]["blocks"][number]): unknown {
  return citations === undefined
    ? block
    : { ...block, citations: citations.map(({ original: _original, ...citation }) => citation) };
}

function inFolder(folder: string): readonly Recorded[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => ({
    name: `google/${file}`,
    path: join(folder, file),
    isStream: file.endsWith(".chunks.txt"),
  }));
}

function isGeneration(recorded: Recorded): boolean {
  const first = recorded.isStream ? JSON.parse(readChunks(recorded)[0] ?? "{}") : readWhole(recorded);
  return "candidates" in first || "promptFeedback" in first;
}
