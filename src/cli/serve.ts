import type { Command as Program } from "commander";
import { printProblems, processSettings } from "../assembly/configuration/process-settings.ts";
import { type Gatehouse, hasStore, startGatehouse } from "../assembly/gatehouse.ts";
import { ConfigurationUnusable } from "../assembly/revisions/running-configuration.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { StopSignals } from "./stop-signals.ts";
import { welcome } from "./welcome.ts";

/** `gatehouse serve`: runs the gateway until it is told to stop. */
export const serve: Command = {
  name: "serve",
  summary: "run the gateway (what ./start.sh does)",
  register(program: Program): void {
    program.command(serve.name).description(serve.summary).action(run);
  },
};

async function run(): Promise<void> {
  // Before anything else: whoever starts the gateway may tell it to stop at any moment.
  const signals = new StopSignals();
  const folder = dataFolder();
  // Where nothing is stored yet, a configuration that can't run leaves nothing behind.
  const first = hasStore(folder) ? undefined : processSettings();
  if (first !== undefined && "problems" in first) return refuse(first.problems);
  const gatehouse = await start(folder);
  if (gatehouse === undefined) return;
  // Standard output is the request log's, one JSON object a line; people read standard error.
  console.error(welcome(gatehouse));
  if (gatehouse.problems.length > 0) {
    console.error(`\n${printProblems(gatehouse.problems)}`);
    console.error(`\ngatehouse: revision ${gatehouse.running.number} is in force until this is mended.`);
  }
  signals.whenTold(() => gatehouse.stop());
}

async function start(folder: string): Promise<Gatehouse | undefined> {
  try {
    return await startGatehouse(folder);
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationUnusable)) throw thrown;
    refuse(thrown.problems);
    return undefined;
  }
}

function refuse(problems: ConfigurationUnusable["problems"]): void {
  console.error(printProblems(problems));
  console.error("\ngatehouse: not started. `./gatehouse config check` shows this again.");
  process.exitCode = 1;
}
