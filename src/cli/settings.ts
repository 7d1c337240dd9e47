import type { Settings } from "../assembly/configuration/load-settings.ts";
import { printProblems, processSettings } from "../assembly/configuration/process-settings.ts";

/** The settings of this process; where they are wrong, says all that is, and gives undefined. */
export function settingsOrProblems(): Settings | undefined {
  const result = processSettings();
  if ("settings" in result) return result.settings;
  console.error(printProblems(result.problems));
  console.error("\ngatehouse: `./gatehouse config check` shows this again.");
  process.exitCode = 1;
  return undefined;
}
