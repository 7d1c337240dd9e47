import type { Command as Program } from "commander";
import { describeSettings } from "../assembly/configuration/describe-settings.ts";
import { jsonSchema } from "../assembly/configuration/json-schema.ts";
import {
  builtInSchema,
  printProblems,
  processSettings,
  processSnapshot,
} from "../assembly/configuration/process-settings.ts";
import type { Command } from "./command.ts";

/** `gatehouse config`: looks at the configuration without starting anything. */
export const config: Command = {
  name: "config",
  summary: "check the configuration, or print its schema",
  register(program: Program): void {
    const own = program.command(config.name).description(config.summary);
    own
      .command("check")
      .description("print what would run, or everything that is wrong")
      .argument("[file]", "the configuration file; default: $GATEHOUSE_CONFIG, else ./gatehouse.yaml")
      .action((file: string | undefined) => {
        process.exitCode = check(file);
      });
    own
      .command("schema")
      .description("print the JSON Schema of the configuration file, for editors")
      .action(() => console.log(JSON.stringify(jsonSchema(builtInSchema()), null, 2)));
  },
};

/** The exit code: 0 where the configuration would run. */
function check(file: string | undefined): number {
  const result = processSettings(file);
  if ("problems" in result) {
    const count = result.problems.length;
    console.error(`${printProblems(result.problems)}\n\n${count === 1 ? "1 problem" : `${count} problems`}.`);
    return 1;
  }
  console.log(describeSettings(result.settings, processSnapshot(result.settings)));
  return 0;
}
