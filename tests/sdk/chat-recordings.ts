import { existsSync } from "node:fs";
import type { RecordingListing } from "../upstream/client.ts";
import { readStreamRecording, readWholeRecording, recordingFolders } from "../upstream/recordings.ts";

/** The shared recordings of this dialect, by name, so that a run without them says what it leaves out. */
const SHARED_NAMES = [
  "alibaba/alibaba-text",
  "deepseek/deepseek-text",
  "groq/groq-text",
  "groq/groq-tool-call",
  "mistral/mistral-text",
  "mistral/mistral-tool-call",
  "moonshotai/moonshotai-text",
  "openai/openai-error.1",
  "openai/openai-text",
  "openai/reasoning-model-legacy-parameter-error",
  "openai/reasoning-model-temperature-error",
  "perplexity/perplexity-text",
  "xai/xai-text",
  "xai/xai-tool-call",
];

const folders = recordingFolders();

/** What the recordings listed hold of the dialect `openai-chat`. */
export interface ChatRecordings {
  readonly whole: readonly string[];
  readonly streams: readonly string[];
  /** Bodies of refusals, in OpenAI's envelope. */
  readonly errors: readonly string[];
  /** Known names that can't be tested here, and why. */
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

/** Goes by what is in the files: the folders also hold embeddings, legacy completions and the Responses API. */
export function chatRecordings(listings: readonly RecordingListing[]): ChatRecordings {
  const names = (fits: (listing: RecordingListing) => boolean) =>
    listings.filter(fits).map(({ name }) => name);
  const listed = new Set(listings.map(({ name }) => name));
  const shared = folders.at(-1) ?? "";
  const reason = existsSync(shared) ? `${shared} does not have it` : `${shared} is missing`;
  return {
    whole: names((listing) => listing.whole && isChat(wholeText(listing.name))),
    streams: names((listing) => listing.stream && isChat(payloadsOf(listing.name)[0] ?? "")),
    errors: names((listing) => listing.whole && isEnvelope(wholeText(listing.name))),
    missing: SHARED_NAMES.filter((name) => !listed.has(name)).map((name) => ({ name, reason })),
  };
}

/** The payloads of a stream's events, in order. */
export function payloadsOf(name: string): readonly string[] {
  return readStreamRecording(folders, name);
}

/** A whole recording's bytes, as text. */
export function wholeText(name: string): string {
  return readWholeRecording(folders, name).toString();
}

function isChat(text: string): boolean {
  return /"object":\s*"chat\.completion/.test(text);
}

function isEnvelope(text: string): boolean {
  const body: { error?: { message?: unknown; type?: unknown } | null; object?: unknown } = JSON.parse(text);
  return body.object === undefined && typeof body.error?.message === "string" && "type" in body.error;
}
