import { resolve } from "node:path";
import { readTextFile } from "../../config/read-text-file.ts";
import { dialects } from "../../dialects/index.ts";
import { modelsOf } from "../../ledger/prices/price-data.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { providers } from "../../providers/catalog.ts";
import { compileSnapshot } from "../compile/compile-snapshot.ts";
import { type ConfigurationText, findConfigurationText, USUAL_FILE } from "./configuration-text.ts";
import { environmentOverrides } from "./environment-overrides.ts";
import { loadSettings, type Settings, type SettingsRequest, type SettingsResult } from "./load-settings.ts";
import { type ConfigurationSchema, configurationSchema } from "./schema.ts";

export { printProblems } from "../../config/print-problems.ts";

/** What may be said otherwise than this process has it. */
export interface ProcessRequest extends Pick<SettingsRequest, "file" | "text" | "secrets"> {
  /** Hears of every file that is read. */
  readonly onRead?: (path: string) => void;
}

/** The settings of this process: its environment, its working folder, the built-in providers and dialects. */
export function processSettings({ onRead, ...request }: ProcessRequest = {}): SettingsResult {
  return loadSettings({
    environment: process.env,
    catalog: providers,
    dialects,
    readFile: (path) => {
      onRead?.(path);
      return readTextFile(path);
    },
    folder: process.cwd(),
    ...request,
  });
}

/** The text of this process's configuration file, as far as it can be read; empty where there is none. */
export function processText(): ConfigurationText {
  const request = { readFile: readTextFile, folder: process.cwd() };
  return findConfigurationText(request, environmentOverrides(process.env));
}

/** The path of this process's configuration file, whether or not there is one. */
export function processFile(): string {
  return resolve(environmentOverrides(process.env).file ?? USUAL_FILE);
}

/** A stored text, as it is to be judged: by its name, and where the file lies that its references are relative to. */
export function storedText(text: string, label: string): ConfigurationText {
  const written = processText();
  if ("problem" in written) return { text, label };
  const { file } = written;
  const place = file === undefined ? {} : { file };
  return written.text === text ? { text, ...place } : { text, label, ...place };
}

/** The configuration's schema with the built-in dialects. */
export function builtInSchema(): ConfigurationSchema {
  return configurationSchema(dialects);
}

/** The snapshot of this process's settings, with the models of the price data. */
export function processSnapshot(settings: Settings): Snapshot {
  return compileSnapshot({ settings, dialects, modelsOf });
}
