import { readTextFile } from "../../config/read-text-file.ts";
import { dialects } from "../../dialects/index.ts";
import { modelsOf } from "../../ledger/prices/price-data.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { providers } from "../../providers/catalog.ts";
import { compileSnapshot } from "../compile/compile-snapshot.ts";
import { loadSettings, type Settings, type SettingsResult } from "./load-settings.ts";
import { type ConfigurationSchema, configurationSchema } from "./schema.ts";

export { printProblems } from "../../config/print-problems.ts";

/** The settings of this process: its environment, its working folder, the built-in providers and dialects. */
export function processSettings(file?: string): SettingsResult {
  return loadSettings({
    environment: process.env,
    catalog: providers,
    dialects,
    readFile: readTextFile,
    folder: process.cwd(),
    ...(file === undefined ? {} : { file }),
  });
}

/** The configuration's schema with the built-in dialects. */
export function builtInSchema(): ConfigurationSchema {
  return configurationSchema(dialects);
}

/** The snapshot of this process's settings, with the models of the price data. */
export function processSnapshot(settings: Settings): Snapshot {
  return compileSnapshot({ settings, dialects, modelsOf });
}
