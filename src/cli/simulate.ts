import type { Command as Program } from "commander";
import { judgeFile } from "../assembly/administration.ts";
import { printProblems } from "../assembly/configuration/process-settings.ts";
import { simulateConfiguration } from "../assembly/simulation/simulate-configuration.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { standingSettings } from "./settings.ts";
import { type Simulation, simulationJson, simulationText } from "./simulation-report.ts";
import { momentPast } from "./typed-values.ts";
import { UsageError } from "./usage-error.ts";

/** `gatehouse simulate`: what a configuration would have made of the calls of the past. */
export const simulate: Command = {
  name: "simulate",
  summary: "replay past requests through a configuration: what would have gone where, at what cost",
  register(program: Program): void {
    program
      .command(simulate.name)
      .description(
        `${simulate.summary}; asks no provider and changes nothing, but brings a store of an older version up to date. Exits with 2 where requests that were let through would be refused, with 1 where there is nothing to replay or the configuration can't be used`,
      )
      .option("--config <file>", "the configuration to try; default: the one in force")
      .option("--from <moment>", "requests from 30m, 24h, 7d ago, or from a date on", "24h")
      .option("--to <moment>", "up to then")
      .option("--project <name>", "count the requests of one project only")
      .option("--json", "print JSON; amounts are exact, in dollars, as texts")
      .action(async (options: SimulateOptions) => {
        process.exitCode = await run(options);
      });
  },
};

interface SimulateOptions {
  readonly config?: string;
  readonly from: string;
  readonly to?: string;
  readonly project?: string;
  readonly json?: boolean;
}

/** The exit code. */
async function run({ config, from, to, project, json }: SimulateOptions): Promise<number> {
  const nowMs = Date.now();
  const sinceMs = Date.parse(momentPast(from, nowMs));
  const untilMs = to === undefined ? nowMs : Date.parse(momentPast(to, nowMs));
  if (sinceMs >= untilMs) throw new UsageError("--from is no earlier than --to.", "Name an earlier moment.");
  const result = await (config === undefined ? standingSettings() : judgeFile(dataFolder(), config));
  if ("problems" in result) {
    console.error(printProblems(result.problems));
    console.error("\ngatehouse: nothing was simulated.");
    return 1;
  }
  const startedAtMs = performance.now();
  const order = { sinceMs, untilMs, ...(project === undefined ? {} : { project }) };
  const comparison = await simulateConfiguration(dataFolder(), result.settings, order);
  const left = [...(comparison?.notReplayed.values() ?? [])].reduce((sum, count) => sum + count, 0);
  if (comparison === undefined || comparison.requests + left === 0)
    throw nothingToReplay(sinceMs, untilMs, project);
  const simulation: Simulation = { comparison, sinceMs, untilMs, tookMs: performance.now() - startedAtMs };
  if (json === true) console.log(JSON.stringify(simulationJson(simulation), null, 2));
  else process.stdout.write(simulationText(simulation));
  return comparison.newlyRefused > 0 ? 2 : 0;
}

function nothingToReplay(sinceMs: number, untilMs: number, project: string | undefined): UsageError {
  const of = project === undefined ? "" : ` of the project "${project}"`;
  return new UsageError(
    `${dataFolder()} has no request${of} from ${dayAndTime(sinceMs)} to ${dayAndTime(untilMs)} (UTC).`,
    "Begin earlier, such as with --from 7d; `./gatehouse requests` shows the newest. GATEHOUSE_DATA names another data folder.",
  );
}

function dayAndTime(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").slice(0, 19);
}
