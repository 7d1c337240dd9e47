import { readFileSync } from "node:fs";
import type { Command as Program } from "commander";
import {
  administer,
  deleteProviderSecret,
  listProviderSecrets,
  setProviderSecret,
} from "../assembly/administration.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { printTable } from "./table.ts";
import { UsageError } from "./usage-error.ts";

/** `gatehouse providers secret`: providers' keys that are kept here, encrypted, instead of in the environment. */
export const providers: Command = {
  name: "providers",
  summary: "providers' secrets that are kept here encrypted",
  register(program: Program): void {
    const own = program.command(providers.name).description(providers.summary);
    const secret = own.command("secret").description("enter, list and forget providers' secrets");
    secret
      .command("set")
      .description(
        "enter a provider's secret, or another in its place; a running gateway uses it within a second. It is read from standard input.",
      )
      .argument("<provider>", "the provider's id")
      .option("--origin <origin>", "where it may be sent; default: where the provider is now")
      .option("--file <path>", "read it from a file")
      .action(set);
    secret
      .command("list")
      .description("which providers have one, and for which origin")
      .option("--json", "print JSON")
      .action(list);
    secret
      .command("remove")
      .description("forget a provider's secret; refused while the configuration needs it")
      .argument("<provider>", "the provider's id")
      .option("--origin <origin>", "of that origin; default: where the provider is now")
      .action(remove);
  },
};

interface SetOptions {
  readonly origin?: string;
  readonly file?: string;
}

async function set(id: string, { origin, file }: SetOptions): Promise<void> {
  if (file === undefined && process.stdin.isTTY) console.error(`The secret of ${id}, then Enter and Ctrl-D:`);
  const secret = readFileSync(file ?? 0, "utf8").trim();
  if (secret === "")
    throw new UsageError(
      "No secret was given.",
      `Pipe it in: printenv KEY | gatehouse providers secret set ${id}`,
    );
  const body = { secret, ...(origin === undefined ? {} : { origin }) };
  const kept = await administer(dataFolder(), (run) => run(setProviderSecret, { parameters: { id }, body }));
  console.log(`Stored the secret of ${id}, for ${kept.origin} alone.`);
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const { data } = await administer(dataFolder(), (run) => run(listProviderSecrets));
  if (json === true) return console.log(JSON.stringify(data, null, 2));
  if (data.length === 0)
    return console.log("No secret is stored. `./gatehouse providers secret set PROVIDER` enters one.");
  printTable(
    ["provider", "origin", "entered", "by"],
    data.map((one) => [
      one.provider,
      one.origin,
      one.entered_at.replace("T", " ").slice(0, 19),
      one.entered_by,
    ]),
  );
}

async function remove(id: string, { origin }: { readonly origin?: string }): Promise<void> {
  const query = { origin };
  await administer(dataFolder(), (run) => run(deleteProviderSecret, { parameters: { id }, query }));
  console.log(`The secret of ${id} is forgotten.`);
}
