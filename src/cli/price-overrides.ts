import type { Command as Program } from "commander";
import { administer, PRICE_PARTS, priceOverrides as resource } from "../assembly/administration.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { dayOf } from "./details.ts";
import { everyPage } from "./every-page.ts";
import { printTable } from "./table.ts";
import { UsageError } from "./usage-error.ts";

/** `gatehouse prices set`, `unset` and `overrides`: stored prices, beside the command that looks prices up. */
export const priceOverrides: Command = {
  name: "prices",
  summary: "store prices that win over all others",
  register(program: Program): void {
    const prices = program.commands.find((command) => command.name() === priceOverrides.name);
    const own = prices ?? program.command(priceOverrides.name).description(priceOverrides.summary);
    const set = own
      .command("set")
      .description(
        "store a price, in dollars per million tokens; a running gateway goes by it within a second",
      )
      .argument("<model>", "provider/model");
    for (const { name, description } of NUMERIC_PARTS)
      set.option(`--${name.replaceAll("_", "-")} <dollars>`, description);
    set
      .option("--price <json>", "the price as the configuration writes it, instead of its parts")
      .option("--from <when>", "a date from which it holds")
      .option("--until <when>", "a date before which it holds")
      .option("--json", "print JSON")
      .action(store);
    own
      .command("unset")
      .description("delete stored prices")
      .argument("<model>", "provider/model, or the id of one price")
      .action(unset);
    own.command("overrides").description("list stored prices").option("--json", "print JSON").action(list);
  },
};

/** What is more than a number is written with --price. */
const NUMERIC_PARTS = PRICE_PARTS.filter(({ isNumber }) => isNumber);

interface SetOptions {
  readonly [part: string]: string | boolean | undefined;
}

async function store(name: string, options: SetOptions): Promise<void> {
  const { provider, model } = splitName(name);
  const price = priceOf(options);
  const valid = { valid_from: momentOf(options["from"]), valid_until: momentOf(options["until"]) };
  const { row, isNew } = await administer(dataFolder(), async (run) => {
    const known = await everyPage(run, resource.list, { provider, model });
    const same = known.find(
      (one) => one.valid_from === valid.valid_from && one.valid_until === valid.valid_until,
    );
    if (same === undefined) {
      const body = { provider, model, price, ...valid };
      return { row: await run(resource.create, { body }), isNew: true };
    }
    const body = { price, revision: same.revision };
    return { row: await run(resource.update, { parameters: { id: same.id }, body }), isNew: false };
  });
  if (options["json"] === true) return console.log(JSON.stringify(row));
  console.log(
    `${isNew ? "Stored" : "Changed"} the price of ${name}: ${JSON.stringify(row.price)}. Id: ${row.id}.`,
  );
}

async function unset(name: string): Promise<void> {
  const deleted = await administer(dataFolder(), async (run) => {
    const ids = name.startsWith("prc_")
      ? [name]
      : (await everyPage(run, resource.list, splitName(name))).map(({ id }) => id);
    for (const id of ids) await run(resource.delete, { parameters: { id } });
    return ids;
  });
  if (deleted.length === 0) {
    throw new UsageError(
      `no price is stored for "${name}".`,
      "`./gatehouse prices overrides` lists what is stored; prices of the configuration are changed there.",
    );
  }
  console.log(
    `Deleted ${deleted.length === 1 ? "the stored price" : `${deleted.length} stored prices`} of ${name}.`,
  );
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const found = await administer(dataFolder(), (run) => everyPage(run, resource.list));
  if (json === true) return console.log(JSON.stringify(found, null, 2));
  if (found.length === 0)
    return console.log(
      "No prices are stored. `./gatehouse prices set MODEL --input 1 --output 2` stores one.",
    );
  printTable(
    ["model", "price", "from", "until", "id"],
    found.map(({ provider, model, price, valid_from, valid_until, id }) => [
      `${provider}/${model}`,
      JSON.stringify(price),
      dayOf(valid_from, "ever"),
      dayOf(valid_until, "ever"),
      id,
    ]),
  );
}

/** The parts that were typed over the price that was written as a whole. */
function priceOf(options: SetOptions): object {
  const typed = NUMERIC_PARTS.flatMap(({ name }) => {
    const value = options[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
    return typeof value === "string" ? [[name, dollarsOf(name, value)] as const] : [];
  });
  return { ...wholePrice(options["price"]), ...Object.fromEntries(typed) };
}

function wholePrice(written: string | boolean | undefined): object {
  if (typeof written !== "string") return {};
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, in our words.
  }
  throw new UsageError("--price is no JSON object.", `Write --price '{"input": 1, "output": 2}'.`);
}

function dollarsOf(name: string, typed: string): number {
  const value = Number(typed);
  if (typed.trim() !== "" && Number.isFinite(value)) return value;
  throw new UsageError(
    `"${typed}" is no number (--${name.replaceAll("_", "-")}).`,
    "Write dollars such as 0.15.",
  );
}

function momentOf(typed: string | boolean | undefined): string | null {
  if (typeof typed !== "string") return null;
  const momentMs = Date.parse(typed);
  if (!Number.isNaN(momentMs)) return new Date(momentMs).toISOString();
  throw new UsageError(`"${typed}" is no date.`, "Write 2027-01-31 or 2027-01-31T00:00:00Z.");
}

function splitName(name: string): { readonly provider: string; readonly model: string } {
  const slash = name.indexOf("/");
  if (slash > 0) return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
  throw new UsageError(`"${name}" is no model.`, "Write provider/model, such as openai/gpt-4.1.");
}
