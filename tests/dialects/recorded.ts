import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One recorded answer: a whole body, or the payloads of a stream's events. */
export interface Recorded {
  readonly name: string;
  readonly path: string;
  readonly isStream: boolean;
}

const SHARED = join(import.meta.dir, "../../../shared/recordings");
const OWN = join(import.meta.dir, "../samples");
const CHAT_FOLDERS = ["alibaba", "deepseek", "groq", "mistral", "moonshotai", "openai", "perplexity", "xai"];

/** Chat completions of all recordings there are; says so where the shared ones are missing. */
export function chatRecordings(): readonly Recorded[] {
  if (!existsSync(SHARED))
    console.log(`skipped: recordings of ${CHAT_FOLDERS.join(", ")}: ${SHARED} is missing`);
  return [SHARED, OWN].flatMap((root) =>
    CHAT_FOLDERS.flatMap((folder) => inFolder(join(root, folder), folder)),
  );
}

/** All recordings of a provider; says so where the shared ones are missing. */
export function allRecordingsOf(folder: string): readonly Recorded[] {
  if (!existsSync(SHARED)) console.log(`skipped: recordings of ${folder}: ${SHARED} is missing`);
  return [SHARED, OWN].flatMap((root) => filesIn(join(root, folder), folder));
}

/** Messages of Anthropic's; says so where the shared recordings are missing. */
export function messageRecordings(): readonly Recorded[] {
  if (!existsSync(SHARED)) console.log(`skipped: recordings of anthropic: ${SHARED} is missing`);
  return [SHARED, OWN]
    .flatMap((root) => filesIn(join(root, "anthropic"), "anthropic"))
    .filter((recorded) => !/-error/.test(recorded.name));
}

const RESPONSES_FOLDERS = ["azure", "open-responses", "openai", "xai"];

/** Responses of all recordings there are; says so where the shared ones are missing. */
export function responsesRecordings(): readonly Recorded[] {
  return recordingsOf(RESPONSES_FOLDERS, /"object":\s*"response"/);
}

/** Legacy completions, likewise. */
export function completionsRecordings(): readonly Recorded[] {
  return recordingsOf(["openai"], /"object":\s*"text_completion"/);
}

/** Embeddings, likewise. */
export function embeddingsRecordings(): readonly Recorded[] {
  return recordingsOf(["openai"], /"object":\s*"embedding"/);
}

function recordingsOf(folders: readonly string[], fits: RegExp): readonly Recorded[] {
  if (!existsSync(SHARED)) console.log(`skipped: recordings of ${folders.join(", ")}: ${SHARED} is missing`);
  return [SHARED, OWN].flatMap((root) =>
    folders.flatMap((folder) => filesIn(join(root, folder), folder)).filter((one) => fits.test(headOf(one))),
  );
}

export function readWhole(recorded: Recorded): unknown {
  return JSON.parse(readFileSync(recorded.path, "utf8"));
}

export function readChunks(recorded: Recorded): readonly string[] {
  return readFileSync(recorded.path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
}

function inFolder(folder: string, name: string): readonly Recorded[] {
  return filesIn(folder, name).filter((recorded) => isChat(recorded));
}

function filesIn(folder: string, name: string): readonly Recorded[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => ({
    name: `${name}/${file}`,
    path: join(folder, file),
    isStream: file.endsWith(".chunks.txt"),
  }));
}

/** The folders also hold embeddings, errors, legacy completions and the Responses API. */
function isChat(recorded: Recorded): boolean {
  return /"object":\s*"chat\.completion/.test(headOf(recorded));
}

/** What tells a recording's kind: a whole body, or a stream's first event. */
function headOf(recorded: Recorded): string {
  return recorded.isStream ? (readChunks(recorded)[0] ?? "") : readFileSync(recorded.path, "utf8");
}
