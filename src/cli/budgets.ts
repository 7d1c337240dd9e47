import type { Command as Program } from "commander";
import { administer, listBudgets } from "../assembly/administration.ts";
import { printBudgets } from "./budget-table.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { everyPage } from "./every-page.ts";

/** `gatehouse budgets`: how all budgets stand. They are set with the policies of projects and keys. */
export const budgets: Command = {
  name: "budgets",
  summary: "how the budgets of projects and keys stand",
  register(program: Program): void {
    program
      .command(budgets.name)
      .description(`${budgets.summary}, by what the ledger has: calls in flight are not in it`)
      .option("--project <name>", "of one project and its keys only")
      .option("--key <id>", "of one key only")
      .option("--json", "print JSON")
      .action(list);
  },
};

interface ListOptions {
  readonly project?: string;
  readonly key?: string;
  readonly json?: boolean;
}

async function list({ project, key, json }: ListOptions): Promise<void> {
  const found = await administer(dataFolder(), (run) =>
    everyPage(run, listBudgets, { project, key_id: key }),
  );
  if (json === true) return console.log(JSON.stringify(found, null, 2));
  if (found.length === 0)
    return console.log("No budgets. `./gatehouse projects set NAME --budget 25/month` sets one.");
  printBudgets(found, ({ scope, id }) => `${scope} ${id}`);
}
