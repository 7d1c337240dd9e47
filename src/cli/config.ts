import type { Command as Program } from "commander";
import { judgeFile } from "../assembly/administration.ts";
import { describeSettings } from "../assembly/configuration/describe-settings.ts";
import { jsonSchema } from "../assembly/configuration/json-schema.ts";
import { builtInSchema, printProblems, processSnapshot } from "../assembly/configuration/process-settings.ts";
import type { Command } from "./command.ts";
import { registerRevisions } from "./config-revisions.ts";
import { dataFolder } from "./data-folder.ts";

/** `gatehouse config`: the configuration file, and the revisions that came of it. */
export const config: Command = {
  name: "config",
  summary: "check the configuration, compare, apply and roll back its revisions, or print its schema",
  register(program: Program): void {
    const own = program.command(config.name).description(config.summary);
    own
      .command("check")
      .description("print what would run, or everything that is wrong")
      .argument("[file]", "the configuration file; default: $GATEHOUSE_CONFIG, else ./gatehouse.yaml")
      .action(async (file: string | undefined) => {
        process.exitCode = await check(file);
      });
    own
      .command("schema")
      .description("print the JSON Schema of the configuration file, for editors")
      .action(() => console.log(JSON.stringify(jsonSchema(builtInSchema()), null, 2)));
    registerRevisions(own);
  },
};

/** The exit code: 0 where the configuration would run. */
async function check(file: string | undefined): Promise<number> {
  const result = await judgeFile(dataFolder(), file);
  if ("problems" in result) {
    const count = result.problems.length;
    console.error(`${printProblems(result.problems)}\n\n${count === 1 ? "1 problem" : `${count} problems`}.`);
    return 1;
  }
  console.log(describeSettings(result.settings, processSnapshot(result.settings)));
  return 0;
}
