import type { Command as Program } from "commander";
import { printProblems, processSettings } from "../assembly/configuration/process-settings.ts";
import { type Gatehouse, startGatehouse } from "../assembly/gatehouse.ts";
import type { Command } from "./command.ts";
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
  const result = processSettings();
  if ("problems" in result) {
    console.error(printProblems(result.problems));
    console.error("\ngatehouse: not started. `./gatehouse config check` shows this again.");
    process.exitCode = 1;
    return;
  }
  const gatehouse = await startGatehouse(result.settings);
  // Standard output is the request log's, one JSON object a line; people read standard error.
  console.error(welcome(gatehouse, result.settings));
  stopOnSignal(gatehouse);
}

/** The first signal drains; a second one ends at once, which the ledger survives. */
function stopOnSignal(gatehouse: Gatehouse): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(130);
    stopping = true;
    console.error("gatehouse: draining; once more to end at once.");
    await gatehouse.stop();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
