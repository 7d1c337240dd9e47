import { type ListedModel, listModels } from "../assembly/model-listing.ts";
import type { Command } from "./command.ts";
import { dollarsOf } from "./dollars.ts";
import { modelFilter } from "./model-filter.ts";
import { settingsOrProblems } from "./settings.ts";
import { printTable } from "./table.ts";

interface ModelsOptions {
  readonly provider?: string;
  readonly json?: boolean;
}

/** `gatehouse models`: which configured provider serves which model, and what is known of it. */
export const models: Command = {
  name: "models",
  summary: "the models of the configured providers: context, output, modalities, prices",
  register(program) {
    program
      .command(models.name)
      .description(models.summary)
      .argument("[pattern]", "part of a model's name; * stands for anything")
      .option("--provider <name>", "of one provider only")
      .option("--json", "print JSON; what is unknown is null")
      .action(run);
  },
};

async function run(pattern: string | undefined, options: ModelsOptions): Promise<void> {
  const settings = await settingsOrProblems();
  if (settings === undefined) return;
  const found = listModels(settings, Date.now()).filter(modelFilter(pattern, options.provider));
  if (options.json) console.log(JSON.stringify(found.map(asJson), null, 2));
  else if (found.length > 0) printTable(HEADINGS, found.map(asCells));
  else console.log("No model is known for that. Others can be named all the same: provider/model.");
}

function asJson({ provider, model, contextWindow, outputLimit, input, price }: ListedModel): object {
  return {
    provider,
    model,
    contextWindow: contextWindow ?? null,
    outputLimit: outputLimit ?? null,
    input: input ?? null,
    inputPrice: price === undefined ? null : dollarsOf(price.bands, "input"),
    outputPrice: price === undefined ? null : dollarsOf(price.bands, "output"),
    priceSource: price?.source ?? null,
  };
}

const HEADINGS = ["model", "context", "output", "takes", "input $/M", "output $/M", "price from"];
const UNKNOWN = "unknown";

function asCells({ provider, model, contextWindow, outputLimit, input, price }: ListedModel): string[] {
  return [
    `${provider}/${model}`,
    contextWindow === undefined ? UNKNOWN : String(contextWindow),
    outputLimit === undefined ? UNKNOWN : String(outputLimit),
    input?.join(", ") ?? UNKNOWN,
    price === undefined ? UNKNOWN : dollarsOf(price.bands, "input") || "0",
    price === undefined ? UNKNOWN : dollarsOf(price.bands, "output") || "0",
    price?.source ?? "",
  ];
}
