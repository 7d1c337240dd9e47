import type { Command as Program } from "commander";
import {
  administer,
  blockKey,
  createKey,
  getKey,
  listKeys,
  revokeKey,
  rotateKey,
  unblockKey,
  updateKey,
} from "../assembly/administration.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { dayOf, printDetails } from "./details.ts";
import { everyPage } from "./every-page.ts";
import { keyId } from "./key-id.ts";
import { addPolicyOptions, type PolicyOptions, policyOf } from "./policy-options.ts";
import { printTable } from "./table.ts";
import { filled, gathered, momentToCome, spanMs, tagsOf } from "./typed-values.ts";
import { UsageError } from "./usage-error.ts";

/** `gatehouse keys`: virtual keys, on the data folder; a running gateway hears of changes within a second. */
export const keys: Command = {
  name: "keys",
  summary: "create, list, change, rotate, block and revoke virtual keys",
  register(program: Program): void {
    const own = program.command(keys.name).description(keys.summary);
    registerCreate(own);
    registerSet(own);
    const one = (name: string, description: string) =>
      own
        .command(name)
        .description(description)
        .argument("<key>", "its id, or its name if no other live key has it");
    own
      .command("list")
      .description("list virtual keys")
      .option("--project <name>", "of one project only")
      .option("--state <state>", "live, blocked, expired or revoked only")
      .option("--json", "print JSON")
      .action(list);
    one("show", "show a virtual key and what holds for it").option("--json", "print JSON").action(show);
    one("rotate", "give a key a new secret and print it, once; both are taken for a while")
      .option("--grace <time>", "how long the old secret goes on to be taken: 0, 30m, 24h, 7d", "24h")
      .option("--json", "print JSON")
      .action(rotate);
    one("block", "refuse a key until it is unblocked").action(block);
    one("unblock", "let a blocked key in again").action(unblock);
    one("revoke", "refuse a key for ever").action(revoke);
  },
};

interface JsonOption {
  readonly json?: boolean;
}

interface TermOptions extends PolicyOptions, JsonOption {
  readonly description?: string;
  readonly tag?: readonly string[];
  readonly expires?: string;
}

function registerCreate(own: Program): void {
  const command = own
    .command("create")
    .description("make a virtual key and print it, once")
    .requiredOption(
      "--project <name>",
      "the project (a service such as main-backend) that the key belongs to; a new one is made",
    )
    .option("--name <name>", "what the key is called", "default")
    .option("--expires <when>", "a date (2027-01-31) or a time from now (90d, 12h, 30m)");
  addTermOptions(command, { mayClear: false }).action(create);
}

function registerSet(own: Program): void {
  const command = own
    .command("set")
    .description("change a virtual key; what is not named stays")
    .argument("<key>", "its id, or its name if no other live key has it")
    .option("--name <name>", "what the key is called")
    .option("--expires <when>", "a date (2027-01-31), a time from now (90d, 12h, 30m), or never");
  addTermOptions(command, { mayClear: true }).action(set);
}

function addTermOptions(command: Program, how: { readonly mayClear: boolean }): Program {
  command
    .option("--description <text>", "what it is for")
    .option("--tag <name=value>", "to find and group by; may be given again", gathered)
    .option("--json", "print JSON");
  return addPolicyOptions(command, how);
}

async function create(
  options: TermOptions & { readonly project: string; readonly name: string },
): Promise<void> {
  const body = {
    project: filled(options.project, "--project"),
    name: filled(options.name, "--name"),
    ...termsOf(options),
    ...(options.expires === undefined ? {} : { expires_at: momentToCome(options.expires, Date.now()) }),
  };
  const made = await administer(dataFolder(), (run) => run(createKey, { body }));
  if (options.json === true) return console.log(JSON.stringify(made));
  console.log(`${made.key}\n`);
  console.log(`This is the only time that the key is shown. Id: ${made.id}, project: ${made.project}.`);
  if (made.project_created) {
    console.log("The project is new, and may do everything until `./gatehouse projects set` narrows it.");
  }
  printNarrowed(made.effective.narrowed);
}

async function set(idOrName: string, options: TermOptions & { readonly name?: string }): Promise<void> {
  const { expires } = options;
  const body = {
    ...(options.name === undefined ? {} : { name: filled(options.name, "--name") }),
    ...termsOf(options),
    ...(expires === undefined
      ? {}
      : { expires_at: expires === "never" ? null : momentToCome(expires, Date.now()) }),
  };
  const key = await administer(dataFolder(), async (run) =>
    run(updateKey, { parameters: { id: await keyId(run, idOrName) }, body }),
  );
  if (options.json === true) return console.log(JSON.stringify(key));
  console.log(`Changed ${key.id}. A running gateway goes by it within a second.`);
  printNarrowed(key.effective.narrowed);
}

function termsOf(options: TermOptions): object {
  const policy = policyOf(options);
  return {
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.tag === undefined ? {} : { tags: tagsOf(options.tag) }),
    ...(policy === undefined ? {} : { policy }),
  };
}

function printNarrowed(narrowed: readonly { readonly member: string; readonly sentence: string }[]): void {
  for (const { member, sentence } of narrowed)
    console.log(`The project is narrower (${member}): ${sentence}`);
}

async function list(
  options: JsonOption & { readonly project?: string; readonly state?: string },
): Promise<void> {
  const { project, state } = options;
  const found = await administer(dataFolder(), (run) => everyPage(run, listKeys, { project, state }));
  if (options.json === true) return console.log(JSON.stringify(found));
  if (found.length === 0)
    return console.log("No keys yet. `./gatehouse keys create --project NAME` makes one.");
  printTable(
    ["project", "name", "key", "state", "models", "created", "expires", "id"],
    found.map((key) => [
      key.project,
      key.name,
      `${key.prefix}...`,
      key.state,
      key.policy === null ? "none" : (key.policy.models?.join(",") ?? "all"),
      dayOf(key.created_at),
      dayOf(key.expires_at, "never"),
      key.id,
    ]),
  );
}

async function show(idOrName: string, { json }: JsonOption): Promise<void> {
  const key = await administer(dataFolder(), async (run) =>
    run(getKey, { parameters: { id: await keyId(run, idOrName) } }),
  );
  if (json === true) return console.log(JSON.stringify(key, null, 2));
  const { effective, ...own } = key;
  printDetails(own);
  printNarrowed(effective.narrowed);
}

async function rotate(idOrName: string, options: JsonOption & { readonly grace: string }): Promise<void> {
  const body = { grace_seconds: graceSeconds(options.grace) };
  const key = await administer(dataFolder(), async (run) =>
    run(rotateKey, { parameters: { id: await keyId(run, idOrName) }, body }),
  );
  if (options.json === true) return console.log(JSON.stringify(key));
  console.log(`${key.key}\n`);
  console.log(`This is the only time that the new secret is shown. Id: ${key.id}.`);
  const until = key.previous?.valid_until;
  console.log(
    body.grace_seconds === 0 ? "The old one is refused at once." : `The old one is taken until ${until}.`,
  );
}

function graceSeconds(text: string): number {
  const ms = text === "0" ? 0 : spanMs(text);
  if (ms !== undefined) return ms / 1000;
  throw new UsageError(`"${text}" is no length of time.`, "Write 0, 30m, 24h or 7d.");
}

async function block(idOrName: string): Promise<void> {
  const { id } = await administer(dataFolder(), async (run) =>
    run(blockKey, { parameters: { id: await keyId(run, idOrName) } }),
  );
  console.log(`Blocked ${id}. A running gateway refuses it within a second.`);
}

async function unblock(idOrName: string): Promise<void> {
  const { id } = await administer(dataFolder(), async (run) =>
    run(unblockKey, { parameters: { id: await keyId(run, idOrName) } }),
  );
  console.log(`Unblocked ${id}. A running gateway takes it within a second.`);
}

async function revoke(idOrName: string): Promise<void> {
  const { id } = await administer(dataFolder(), async (run) =>
    run(revokeKey, { parameters: { id: await keyId(run, idOrName) } }),
  );
  console.log(`Revoked ${id}. A running gateway refuses it within a second.`);
}
