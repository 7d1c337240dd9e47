import { readFileSync, statSync } from "node:fs";
import { MOST_CHARACTERS } from "./parse-yaml.ts";

/** Reads a file of UTF-8 text, at most 1 MiB. Throws on anything else, a device or a folder included. */
export function readTextFile(path: string): string {
  const facts = statSync(path);
  if (!facts.isFile()) throw new Error(`not a file: ${path}`);
  if (facts.size > MOST_CHARACTERS) throw new Error(`larger than 1 MiB: ${path}`);
  return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
}
