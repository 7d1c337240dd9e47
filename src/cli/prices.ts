import { type ListedModel, listPrices } from "../assembly/model-listing.ts";
import type { Command } from "./command.ts";
import { dollarsOf } from "./dollars.ts";
import { modelFilter } from "./model-filter.ts";
import { settingsOrProblems } from "./settings.ts";
import { printTable } from "./table.ts";

interface PricesOptions {
  readonly provider?: string;
  readonly json?: boolean;
}

/** `gatehouse prices`: the prices in force, the operator's own before those that come with this version. */
export const prices: Command = {
  name: "prices",
  summary: "known prices in dollars per million tokens, your own included",
  register(program) {
    program
      .command(prices.name)
      .description(prices.summary)
      .argument("[pattern]", "part of a model's name; * stands for anything")
      .option("--provider <name>", "of one provider only")
      .option("--json", "print JSON")
      .action((pattern: string | undefined, options: PricesOptions) => run(pattern, options));
  },
};

async function run(pattern: string | undefined, options: PricesOptions): Promise<void> {
  const settings = settingsOrProblems();
  if (settings === undefined) return;
  const all = await listPrices(settings, Date.now());
  const found = all.filter(modelFilter(pattern, options.provider)).map(asRow);
  if (options.json) console.log(JSON.stringify(found, null, 2));
  else if (found.length === 0) console.log("No price is known for that.");
  else print(found);
}

function asRow({ provider, model, contextWindow, price }: ListedModel) {
  const { input, cachedInput, output } = price?.price ?? {};
  return {
    provider,
    model,
    input: dollarsOf(input) ?? "",
    cachedInput: dollarsOf(cachedInput) ?? "",
    output: dollarsOf(output) ?? "",
    contextWindow: contextWindow ?? null,
    source: price?.source ?? "",
  };
}

function print(found: readonly ReturnType<typeof asRow>[]): void {
  const headings = ["provider", "model", "input $", "cached $", "output $", "context", "source"];
  const rows = found.map(({ contextWindow, ...price }) => [
    ...[price.provider, price.model, price.input, price.cachedInput, price.output],
    contextWindow === null ? "unknown" : String(contextWindow),
    price.source,
  ]);
  printTable(headings, rows);
}
