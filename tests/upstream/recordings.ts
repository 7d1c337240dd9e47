import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A recording's name is `provider/name`, the path of its files without `.json` and `.chunks.txt`. */
export interface RecordingListing {
  readonly name: string;
  /** There is a `.json`: one whole answer. */
  readonly whole: boolean;
  /** There is a `.chunks.txt`: one stream. */
  readonly stream: boolean;
  /** `samples` are the project's own, `shared` are real providers' answers kept outside the project. */
  readonly source: "samples" | "shared";
}

const WHOLE = ".json";
const STREAM = ".chunks.txt";

export const SAMPLES_FOLDER = resolve(import.meta.dir, "../samples");
export const SHARED_FOLDER = resolve(import.meta.dir, "../../../shared/recordings");

/** The folders recordings come from, in the order they are searched. The shared one may be missing. */
export function recordingFolders(shared = process.env["RECORDINGS"] ?? SHARED_FOLDER): readonly string[] {
  return [SAMPLES_FOLDER, shared];
}

export function readWholeRecording(folders: readonly string[], name: string): Buffer {
  return readFileSync(find(folders, name, WHOLE));
}

/** The payloads of a stream's events, in order. */
export function readStreamRecording(folders: readonly string[], name: string): readonly string[] {
  const text = readFileSync(find(folders, name, STREAM), "utf8");
  return text.split(/\r?\n/).filter((line) => line !== "");
}

export function listRecordingsIn(folders: readonly string[]): readonly RecordingListing[] {
  const listings = new Map<string, RecordingListing>();
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const ending = path.endsWith(STREAM) ? STREAM : WHOLE;
      if (!path.includes("/") || !path.endsWith(ending)) continue;
      const name = path.slice(0, -ending.length);
      const known = listings.get(name);
      listings.set(name, {
        name,
        whole: ending === WHOLE || known?.whole === true,
        stream: ending === STREAM || known?.stream === true,
        source: known?.source ?? (folder === SAMPLES_FOLDER ? "samples" : "shared"),
      });
    }
  }
  return [...listings.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function find(folders: readonly string[], name: string, ending: string): string {
  const paths = folders.map((folder) => join(folder, name + ending));
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`no recording "${name}": looked for ${paths.join(" and ")}`);
  return path;
}
