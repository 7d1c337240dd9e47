import { modelsOf, priceDataIds, priceOf, type Rate } from "../assembly/prices.ts";
import { formatDollars } from "../model/money.ts";
import type { Command } from "./command.ts";
import { printTable } from "./table.ts";

interface PricesOptions {
  readonly provider?: string;
  readonly json?: boolean;
}

/** `gatehouse prices`: the prices that come with this version. */
export const prices: Command = {
  name: "prices",
  summary: "known prices in dollars per million tokens, and context windows",
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

interface ListedPrice {
  readonly provider: string;
  readonly model: string;
  readonly input: string;
  readonly cachedInput: string;
  readonly output: string;
  readonly contextWindow: number | null;
  readonly source: string;
}

async function run(pattern: string | undefined, options: PricesOptions): Promise<void> {
  const providers = options.provider === undefined ? await priceDataIds() : [options.provider];
  const found = providers.flatMap((provider) => listPrices(provider, Date.now())).filter(matching(pattern));
  if (options.json) console.log(JSON.stringify(found, null, 2));
  else if (found.length === 0) console.log("No price is known for that.");
  else print(found);
}

function listPrices(provider: string, atMs: number): ListedPrice[] {
  return modelsOf(provider).flatMap(({ id, contextWindow }) => {
    const dated = priceOf(provider, id, atMs);
    if (dated === undefined) return [];
    const { input, cachedInput, output } = dated.price;
    return {
      provider,
      model: id,
      input: dollars(input),
      cachedInput: dollars(cachedInput),
      output: dollars(output),
      contextWindow: contextWindow ?? null,
      source: "price data",
    };
  });
}

/** A price that depends on the size of the request shows all its steps: `2.5, above 200000: 5`. */
function dollars(rate: Rate | undefined): string {
  if (rate === undefined) return "";
  const steps = rate.tiers.map((tier) => `, above ${tier.start}: ${formatDollars(tier.rate)}`);
  return formatDollars(rate.base) + steps.join("");
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
  const rows = found.map(({ provider, model, input, cachedInput, output, contextWindow, source }) => {
    return [
      provider,
      model,
      input,
      cachedInput,
      output,
      contextWindow === null ? "" : String(contextWindow),
      source,
    ];
  });
  printTable(headings, rows);
}
