import { z } from "zod";
import type { ConfigurationState } from "../revisions/configuration-control.ts";
import { problemView, shownProblem } from "./revision.ts";

/** What is in force, in an answer. */
export const configurationView = z
  .strictObject({
    revision: z.int().describe("Its number, for If-Match; 0 before the first start"),
    file: z.string().describe("The configuration file, whether or not there is one"),
    problems: z
      .array(problemView)
      .describe("What keeps the file, or a newer revision, from being in force; empty where nothing does"),
    needs_restart: z.array(z.string()).describe("Settings that take effect at the next start only"),
    text: z.string().describe("YAML; secrets written in it are masked"),
  })
  .meta({ id: "Configuration" });

/** What is in force, as the API shows it. */
export function shownConfiguration(
  { number, file, problems, needsRestart }: ConfigurationState,
  text: string | undefined,
): z.output<typeof configurationView> {
  return {
    revision: number ?? 0,
    file,
    problems: problems.map(shownProblem),
    needs_restart: [...needsRestart],
    text: text ?? "",
  };
}
