import type { Command as Program } from "commander";
import { printProblems, processSettings } from "../assembly/configuration/process-settings.ts";
import { readExplanation } from "../assembly/explain-request.ts";
import { type ListedBand, type ListedPrice, listPrices } from "../assembly/list-prices.ts";
import type { Command } from "./command.ts";
import { explanationJson, explanationText } from "./price-explanation.ts";
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
  const result = processSettings();
  if ("problems" in result) {
    console.error(printProblems(result.problems));
    console.error("\ngatehouse: the prices of the configuration are left out.\n");
  }
  const known = await listPrices("settings" in result ? result.settings : undefined, Date.now());
  const found = known
    .filter((price) => provider === undefined || price.provider === provider)
    .filter(matching(model));
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

/** Split at the stars and looked for piece by piece: no expression is built from what was typed. */
function matching(pattern: string | undefined): (price: ListedPrice) => boolean {
  const pieces = (pattern ?? "").toLowerCase().split("*");
  return ({ provider, model }) => {
    const name = `${provider}/${model}`.toLowerCase();
    let from = 0;
    for (const piece of pieces) {
      const at = name.indexOf(piece, from);
      if (at < 0) return false;
      from = at + piece.length;
    }
    return true;
  };
}

function print(found: readonly ListedPrice[]): void {
  const headings = ["provider", "model", "input $", "cached $", "output $", "context", "source"];
  const rows = found.map(({ provider, model, bands, contextWindow, source, incomplete }) => [
    provider,
    model,
    dollars(bands, "input"),
    dollars(bands, "cachedInput"),
    dollars(bands, "output"),
    contextWindow === null ? "" : String(contextWindow),
    incomplete.length === 0 ? source : `${source} (${incomplete.join("; ")})`,
  ]);
  printTable(headings, rows);
}

/** A price that depends on the size of the request shows all its steps: `2.5, above 200000: 5`. */
function dollars(bands: readonly ListedBand[], unit: keyof ListedBand["rates"]): string {
  let last: string | undefined;
  const steps = bands.flatMap(({ above, rates }) => {
    const rate = rates[unit];
    if (rate === undefined || rate === last) return [];
    last = rate;
    return [above === 0 ? rate : `above ${above}: ${rate}`];
  });
  return steps.join(", ");
}
