import { existsSync } from "node:fs";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import {
  listRecordingsIn,
  readStreamRecording,
  readWholeRecording,
  recordingFolders,
  SHARED_FOLDER,
} from "../upstream/recordings.ts";
import { type ProviderDialect, providerDialects } from "./chat-dialects.ts";

/** A provider's whole answer. */
export interface RecordedWhole {
  readonly name: string;
  readonly provider: ProviderDialect;
  readonly body: JsonObject;
}

/** A provider's stream: one turn of it. */
export interface RecordedStream {
  readonly name: string;
  readonly provider: ProviderDialect;
  /** The project's own sample, or a real provider's. */
  readonly source: "samples" | "shared";
  readonly payloads: readonly string[];
}

const folders = recordingFolders();
const listed = listRecordingsIn(folders);

if (!existsSync(SHARED_FOLDER))
  console.log(`skipped: recordings of real providers: ${SHARED_FOLDER} is missing`);

/** Chat answers of every dialect, of all recordings that there are, known by their form. */
export const recordedWholes: readonly RecordedWhole[] = listed
  .filter(({ whole }) => whole)
  .flatMap(({ name }) => {
    const body: unknown = JSON.parse(readWholeRecording(folders, name).toString());
    const provider = isJsonObject(body) ? speakerOf(body) : undefined;
    return isJsonObject(body) && provider !== undefined && !tellsFailure(body)
      ? [{ name, provider, body }]
      : [];
  });

/** Streams likewise; one recording may hold the turns of a conversation. */
export const recordedStreams: readonly RecordedStream[] = listed
  .filter(({ stream }) => stream)
  .flatMap(({ name, source }) => {
    const payloads = readStreamRecording(folders, name);
    const first: unknown = JSON.parse(payloads[0] ?? "null");
    const provider = isJsonObject(first) ? speakerOf(first) : undefined;
    if (provider === undefined) return [];
    const turns = turnsOf(payloads, provider).filter((turn) => !turn.some(tellsOfFailure));
    return turns.map((turn, index) => ({
      name: turns.length === 1 ? name : `${name}, turn ${index + 1}`,
      provider,
      source,
      payloads: turn,
    }));
  });

function speakerOf(first: JsonObject): ProviderDialect | undefined {
  return providerDialects.find(({ row }) => row.isAnswer?.(first) === true);
}

function turnsOf(payloads: readonly string[], { row }: ProviderDialect): readonly (readonly string[])[] {
  const turns: string[][] = [];
  for (const payload of payloads) {
    const parsed: unknown = JSON.parse(payload);
    const begins = isJsonObject(parsed) && row.beginsTurn?.(parsed) === true;
    if (begins || turns.length === 0) turns.push([]);
    turns.at(-1)?.push(payload);
  }
  return turns;
}

/** Failures have tests of their own: here it is about answers. */
function tellsOfFailure(payload: string): boolean {
  const parsed: unknown = JSON.parse(payload);
  return isJsonObject(parsed) && (tellsFailure(parsed) || parsed["type"] === "response.failed");
}

function tellsFailure({ error, type }: JsonObject): boolean {
  return isJsonObject(error) || type === "error";
}
