import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { appendToList, UnwritableError } from "../../config/append-to-list.ts";
import type { Feature } from "../../model/loss.ts";
import { USUAL_FILE } from "../configuration/configuration-text.ts";
import type { Settings } from "../configuration/load-settings.ts";
import { printProblems, processSettings } from "../configuration/process-settings.ts";
import { UncheckableError } from "./subject.ts";

/** What was found lacking, and for which model. */
export interface Lacking {
  readonly provider: string;
  readonly model: string;
  readonly lacks: readonly Feature[];
}

/**
 * Writes into the configuration file what a model was found to lack; its comments and order stay. Makes the file where
 * there is none. Gives its path. Throws `UncheckableError` where the file would not load any more.
 */
export function writeCapabilities({ file = USUAL_FILE }: Settings, lacking: Lacking): string {
  const path = resolve(file);
  const draft = `${path}.checked`;
  // The file may hold keys: whoever couldn't read it can't read the draft.
  writeFileSync(draft, changed(file, textOf(path), lacking), { mode: modeOf(path) });
  const result = processSettings({ file: draft });
  if ("problems" in result) {
    throw new UncheckableError(
      `${file} can't be written: it would not load.\n${printProblems(result.problems)}`,
      `Look at ${draft}, and mend ${file} by hand.`,
    );
  }
  renameSync(draft, path);
  return path;
}

/** The configuration's text with what was found lacking, in an entry of its own: a later one goes before. */
export function withCapabilities(text: string, { provider, model, lacks }: Lacking): string {
  const entry = `{ models: [${JSON.stringify(model)}], lacks: [${lacks.join(", ")}] }`;
  return appendToList(text, ["providers", provider, "capabilities"], entry);
}

function changed(file: string, text: string, lacking: Lacking): string {
  try {
    return withCapabilities(text, lacking);
  } catch (error) {
    if (!(error instanceof UnwritableError)) throw error;
    const { provider, model, lacks } = lacking;
    throw new UncheckableError(
      `${file} can't be written: ${error.message}.`,
      `Write it by hand, at providers.${provider}.capabilities: { models: [${model}], lacks: [${lacks.join(", ")}] }`,
    );
  }
}

function modeOf(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
