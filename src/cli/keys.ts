import { resolve } from "node:path";
import type { Command as Program } from "commander";
import type { VirtualKeyOrder } from "../assembly/keys.ts";
import { withKeyStore } from "../assembly/keys.ts";
import type { Command } from "./command.ts";
import { printTable } from "./table.ts";

/** `gatehouse keys`: virtual keys, on the data folder; a running gateway hears of changes within a second. */
export const keys: Command = {
  name: "keys",
  summary: "create, list and revoke virtual keys",
  register(program: Program): void {
    const own = program.command(keys.name).description(keys.summary);
    own
      .command("create")
      .description("make a virtual key and print it, once")
      .requiredOption(
        "--project <name>",
        "the project (a service such as main-backend) that the key belongs to",
      )
      .option("--name <name>", "what the key is called", "default")
      .option(
        "--models <patterns>",
        "models it may use, comma-separated, * for any run: openai/*,groq/llama-*",
      )
      .option("--max-concurrent <n>", "how many calls it may have in flight")
      .option("--expires <when>", "a date (2027-01-31) or a time from now (90d, 12h, 30m)")
      .option("--json", "print JSON")
      .action(create);
    own.command("list").description("list virtual keys").option("--json", "print JSON").action(list);
    own
      .command("revoke")
      .description("revoke a virtual key")
      .argument("<key>", "its id, or its name if no other live key has it")
      .action(revoke);
  },
};

interface CreateOptions {
  readonly project: string;
  readonly name: string;
  readonly models?: string;
  readonly maxConcurrent?: string;
  readonly expires?: string;
  readonly json?: boolean;
}

async function create(options: CreateOptions): Promise<void> {
  const order: VirtualKeyOrder = {
    project: filled(options.project, "--project"),
    name: filled(options.name, "--name"),
    ...(options.models === undefined ? {} : { allowedModels: patternsOf(options.models) }),
    ...(options.maxConcurrent === undefined ? {} : { maxConcurrent: positive(options.maxConcurrent) }),
    ...(options.expires === undefined ? {} : { expiresAtMs: momentOf(options.expires, Date.now()) }),
  };
  const issued = await withKeyStore(dataFolder(), (store) => store.create(order));
  if (options.json === true) {
    console.log(
      JSON.stringify({ id: issued.id, key: issued.secret, project: order.project, name: order.name }),
    );
    return;
  }
  console.log(`${issued.secret}\n`);
  console.log(`This is the only time that the key is shown. Id: ${issued.id}, project: ${order.project}.`);
}

async function list(options: { readonly json?: boolean }): Promise<void> {
  const rows = await withKeyStore(dataFolder(), (store) => store.list());
  if (options.json === true) return console.log(JSON.stringify(rows.map(({ digest: _, ...row }) => row)));
  if (rows.length === 0)
    return console.log("No keys yet. `./gatehouse keys create --project NAME` makes one.");
  const now = Date.now();
  printTable(
    ["project", "name", "key", "state", "models", "created", "expires", "id"],
    rows.map((row) => [
      row.project,
      row.name,
      `${row.prefix}...`,
      stateOf(row.revoked_at_ms, row.expires_at_ms, now),
      row.allowed_models ?? "all",
      dayOf(row.created_at_ms),
      row.expires_at_ms === null ? "never" : dayOf(row.expires_at_ms),
      row.id,
    ]),
  );
}

async function revoke(idOrName: string): Promise<void> {
  const revoked = await withKeyStore(dataFolder(), (store) => store.revoke(idOrName));
  if (revoked === undefined) {
    console.error(`gatehouse: no single live key is called "${idOrName}".`);
    console.error("  mend: `./gatehouse keys list` shows their ids.");
    process.exitCode = 1;
    return;
  }
  console.log(`Revoked ${revoked}. A running gateway refuses it within a second.`);
}

function stateOf(revokedAtMs: number | null, expiresAtMs: number | null, nowMs: number): string {
  if (revokedAtMs !== null) return "revoked";
  return expiresAtMs !== null && expiresAtMs <= nowMs ? "expired" : "live";
}

const UNITS_MS: { readonly [unit: string]: number } = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A date, or a time from now. Throws a sentence on anything else, and on what has passed. */
function momentOf(text: string, nowMs: number): number {
  const span = /^(\d{1,6})([mhd])$/.exec(text);
  const momentMs =
    span === null ? Date.parse(text) : nowMs + Number(span[1]) * (UNITS_MS[span[2] ?? ""] ?? 0);
  if (Number.isNaN(momentMs))
    throw new UsageError(`"${text}" is no date and no time from now.`, "Write 2027-01-31 or 90d.");
  if (momentMs <= nowMs)
    throw new UsageError(`"${text}" has already passed.`, "Name a moment in the future.");
  return momentMs;
}

function filled(text: string, option: string): string {
  if (text.trim() !== "") return text.trim();
  throw new UsageError(`${option} is empty.`, `Write a name: ${option} main-backend.`);
}

/** A key that may use no model at all is never meant. */
function patternsOf(text: string): readonly string[] {
  const patterns = text.split(",").map((pattern) => pattern.trim());
  if (!patterns.includes("")) return patterns;
  throw new UsageError(
    `"${text}" holds an empty pattern.`,
    "Write patterns with commas between: openai/*,groq/llama-*",
  );
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`"${text}" is not a whole number above 0.`, "Write a number such as 20.");
}

/** What was typed can't be meant. */
class UsageError extends Error {
  readonly mend: string;

  constructor(message: string, mend: string) {
    super(message);
    this.mend = mend;
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function dataFolder(): string {
  return resolve(process.env["GATEHOUSE_DATA"] || "data");
}
