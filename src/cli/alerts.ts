import type { Command as Program } from "commander";
import { administer, listAlerts, testAlerts } from "../assembly/administration.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { everyPage } from "./every-page.ts";
import { printTable } from "./table.ts";
import { positive } from "./typed-values.ts";

/** `gatehouse alerts`: what was told to the webhook, and whether it would arrive. */
export const alerts: Command = {
  name: "alerts",
  summary: "list budget alerts, and test their webhook",
  register(program: Program): void {
    const own = program.command(alerts.name).description(alerts.summary);
    own
      .command("list")
      .description("list alerts and how their delivery stands")
      .option("--limit <n>", "how many at most", "50")
      .option("--json", "print JSON, with the messages")
      .action(list);
    own
      .command("test")
      .description("send a test message to the configured webhook")
      .option("--json", "print JSON")
      .action(test);
  },
};

async function list({ limit, json }: { readonly limit: string; readonly json?: boolean }): Promise<void> {
  const most = positive(limit);
  const found = await administer(dataFolder(), (run) => everyPage(run, listAlerts, {}, most));
  if (json === true) return console.log(JSON.stringify(found, null, 2));
  if (found.length === 0) return console.log("There were no alerts yet.");
  printTable(
    ["when", "of", "budget", "percent", "state", "attempts", "problem"],
    found.map(({ created_at, message, state, attempts, last_problem }) => {
      const { scope, id, budget, percent } = Object(message["data"]);
      return [
        created_at.replace("T", " ").slice(0, 19),
        `${scope} ${id}`,
        String(budget),
        `${percent} %`,
        state,
        String(attempts),
        last_problem ?? "",
      ];
    }),
  );
}

async function test({ json }: { readonly json?: boolean }): Promise<void> {
  const { delivered, status, problem } = await administer(dataFolder(), (run) => run(testAlerts));
  if (json === true) console.log(JSON.stringify({ delivered, status, problem }));
  else console.log(delivered ? `Delivered: the receiver answered ${status}.` : `Not delivered: ${problem}.`);
  if (!delivered) process.exitCode = 1;
}
