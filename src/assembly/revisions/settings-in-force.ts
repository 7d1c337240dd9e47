import { digestOf } from "../../admin/revisions/revision-store.ts";
import type { Problem } from "../../config/problem.ts";
import type { SettingsResult } from "../configuration/load-settings.ts";
import { processFile, processSettings, processText, storedText } from "../configuration/process-settings.ts";
import type { RevisionParts } from "./running-configuration.ts";

/** The configuration of a data folder as a start would find it. */
export interface StandingConfiguration {
  /** The revision; undefined where the file would make a new one, or there is none. */
  readonly number: number | undefined;
  /** The configuration file, whether or not there is one. */
  readonly path: string;
  readonly result: SettingsResult;
  /** What is wrong with the file where a revision is in force in its place. */
  readonly fileProblems: readonly Problem[];
}

/**
 * What runs on a data folder, or would at the next start: the file where it is new and can run, else the newest revision.
 * Changes nothing.
 */
export async function settingsInForce({ revisions, secrets }: RevisionParts): Promise<StandingConfiguration> {
  const text = processText();
  const path = processFile();
  const latest = await revisions.latest();
  const { secrets: stored } = secrets.opened(await secrets.list());
  const ofFile = await revisions.latestOfFile();
  const isNew = "problem" in text || ofFile?.digest !== digestOf(text.text);
  const fromFile = processSettings({ text, secrets: stored });
  if (latest === undefined || (isNew && "settings" in fromFile))
    return { number: undefined, path, result: fromFile, fileProblems: [] };
  const fileProblems = isNew && "problems" in fromFile ? fromFile.problems : [];
  if (latest.number === ofFile?.number && !isNew)
    return { number: latest.number, path, result: fromFile, fileProblems };
  const result = processSettings({
    text: storedText(revisions.textOf(latest), `revision ${latest.number}`),
    secrets: stored,
  });
  return { number: latest.number, path, result, fileProblems };
}
