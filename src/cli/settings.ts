import { standingConfiguration } from "../assembly/administration.ts";
import type { Settings, SettingsResult } from "../assembly/configuration/load-settings.ts";
import { printProblems } from "../assembly/configuration/process-settings.ts";
import { withStoredPrices } from "../assembly/current-price-book.ts";
import { dataFolder } from "./data-folder.ts";

/** The settings in force; says what is wrong with a file whose place an older revision has taken. */
export async function standingSettings(): Promise<SettingsResult> {
  const { result, number, fileProblems } = await standingConfiguration(dataFolder());
  if (fileProblems.length > 0) {
    console.error(printProblems(fileProblems));
    console.error(`\ngatehouse: revision ${number} stays in force, and this is what it says.\n`);
  }
  return result;
}

/** The settings in force, with the stored prices; where they are wrong, says all that is, and gives undefined. */
export async function settingsOrProblems(): Promise<Settings | undefined> {
  const result = await standingSettings();
  if ("settings" in result) return withStoredPrices(result.settings, dataFolder(), Date.now());
  console.error(printProblems(result.problems));
  console.error("\ngatehouse: `./gatehouse config check` shows this again.");
  process.exitCode = 1;
  return undefined;
}
