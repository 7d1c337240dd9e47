import type { Command as Program } from "commander";
import { printProblems } from "../assembly/configuration/process-settings.ts";
import { withStoredPrices } from "../assembly/current-price-book.ts";
import { readExplanation } from "../assembly/explain-request.ts";
import { type ListedPrice, listPrices } from "../assembly/list-prices.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { dollarsOf } from "./dollars.ts";
import { modelFilter } from "./model-filter.ts";
import { explanationJson, explanationText } from "./price-explanation.ts";
import { standingSettings } from "./settings.ts";
import { printTable } from "./table.ts";

interface PricesOptions {
  readonly provider?: string;
  readonly json?: boolean;
}

/** `gatehouse prices`: what models cost, and what a request cost and why. */
export const prices: Command = {
  name: "prices",
  summary: "known prices in dollars per million tokens, and context windows; what a request cost and why",
  register(program: Program): void {
    const own = program
      .command(prices.name)
      .description(prices.summary)
      .argument("[model]", "part of a model's name; * stands for anything")
      .option("--provider <name>", "of one provider only")
      .option("--json", "print JSON; all rates, in dollars, as texts")
      .action((model: string | undefined, options: PricesOptions) => list(model, options));
    own
      .command("explain")
      .description("what a request cost, line by line, by the prices that held then")
      .argument("<request>", "the request's id, as x-request-id gave it")
      .option("--json", "print JSON; amounts are exact, in dollars, as texts")
      .action((requestId: string) => explain(requestId, own.opts<PricesOptions>()));
  },
};

async function list(model: string | undefined, { provider, json }: PricesOptions): Promise<void> {
  const result = await standingSettings();
  if ("problems" in result) {
    console.error(printProblems(result.problems));
    console.error("\ngatehouse: the prices of the configuration are left out.\n");
  }
  const nowMs = Date.now();
  const settings =
    "settings" in result ? await withStoredPrices(result.settings, dataFolder(), nowMs) : undefined;
  const known = await listPrices(settings, nowMs);
  const found = known.filter(modelFilter(model, provider));
  if (json) console.log(JSON.stringify(found, null, 2));
  else if (found.length === 0) console.log("No price is known for that.");
  else print(found);
}

async function explain(requestId: string, { json }: PricesOptions): Promise<void> {
  const explanation = await readExplanation(process.env["GATEHOUSE_DATA"] || "data", requestId);
  if (explanation === undefined) {
    console.error(`gatehouse: the ledger has no request ${requestId}.`);
    process.exitCode = 1;
  } else if (json) console.log(JSON.stringify(explanationJson(explanation), null, 2));
  else process.stdout.write(explanationText(explanation));
}

function print(found: readonly ListedPrice[]): void {
  const headings = ["provider", "model", "input $", "cached $", "output $", "context", "source"];
  const rows = found.map(({ provider, model, bands, contextWindow, source, incomplete }) => [
    provider,
    model,
    dollarsOf(bands, "input"),
    dollarsOf(bands, "cachedInput"),
    dollarsOf(bands, "output"),
    contextWindow === null ? "" : String(contextWindow),
    incomplete.length === 0 ? source : `${source} (${incomplete.join("; ")})`,
  ]);
  printTable(headings, rows);
}
