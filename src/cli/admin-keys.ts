import type { Command as Program } from "commander";
import { administer, createAdminKey, listAdminKeys, revokeAdminKey } from "../assembly/administration.ts";
import { ADMIN_ROLES } from "../model/admin-role.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { dayOf } from "./details.ts";
import { everyPage } from "./every-page.ts";
import { printTable } from "./table.ts";
import { filled, momentToCome } from "./typed-values.ts";

/** `gatehouse admin-keys`: keys that open the administration, on the data folder. */
export const adminKeys: Command = {
  name: "admin-keys",
  summary: "create, list and revoke admin keys",
  register(program: Program): void {
    const own = program.command(adminKeys.name).description(adminKeys.summary);
    own
      .command("create")
      .description("make an admin key and print it, once")
      .requiredOption("--name <name>", "whose it is")
      .requiredOption("--role <role>", `${ADMIN_ROLES.join(", ")}: each may what those before may`)
      .option("--expires <when>", "a date (2027-01-31) or a time from now (90d, 12h, 30m)")
      .option("--json", "print JSON")
      .action(create);
    own.command("list").description("list admin keys").option("--json", "print JSON").action(list);
    own.command("revoke").description("refuse an admin key for ever").argument("<id>").action(revoke);
  },
};

interface CreateOptions {
  readonly name: string;
  readonly role: string;
  readonly expires?: string;
  readonly json?: boolean;
}

async function create({ name, role, expires, json }: CreateOptions): Promise<void> {
  const body = {
    name: filled(name, "--name"),
    role,
    ...(expires === undefined ? {} : { expires_at: momentToCome(expires, Date.now()) }),
  };
  const made = await administer(dataFolder(), (run) => run(createAdminKey, { body }));
  if (json === true) return console.log(JSON.stringify(made));
  console.log(`${made.key}\n`);
  console.log(`This is the only time that the key is shown. Id: ${made.id}, role: ${made.role}.`);
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const found = await administer(dataFolder(), (run) => everyPage(run, listAdminKeys));
  if (json === true) return console.log(JSON.stringify(found));
  if (found.length === 0) return console.log("No admin keys yet. The first start makes one.");
  printTable(
    ["name", "role", "key", "state", "created", "expires", "id"],
    found.map((key) => [
      key.name,
      key.role,
      `${key.prefix}...`,
      key.state,
      dayOf(key.created_at),
      dayOf(key.expires_at, "never"),
      key.id,
    ]),
  );
}

async function revoke(id: string): Promise<void> {
  await administer(dataFolder(), (run) => run(revokeAdminKey, { parameters: { id } }));
  console.log(`Revoked ${id}. A running gateway refuses it within a second.`);
}
