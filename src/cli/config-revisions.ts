import { readFileSync } from "node:fs";
import type { Command as Program } from "commander";
import {
  administer,
  applyConfiguration,
  checkConfiguration,
  compareRevisions,
  getConfiguration,
  getRevision,
  isServed,
  listRevisions,
  type RevisionShown,
  rollbackConfiguration,
} from "../assembly/administration.ts";
import { processText } from "../assembly/configuration/process-settings.ts";
import { dataFolder } from "./data-folder.ts";
import { everyPage } from "./every-page.ts";
import { printTable } from "./table.ts";
import { positive } from "./typed-values.ts";
import { UsageError } from "./usage-error.ts";

/** `gatehouse config show`, `revisions`, `diff`, `apply` and `rollback`. */
export function registerRevisions(config: Program): void {
  config
    .command("show")
    .description("print the configuration in force, or a revision's; secrets written in it are masked")
    .argument("[revision]", "its number")
    .action(show);
  config
    .command("revisions")
    .description("list what the configuration has been: when, by whom, whether it is in force")
    .option("--limit <n>", "how many at most", "20")
    .option("--json", "print JSON")
    .action(list);
  config
    .command("diff")
    .description("what the configuration file, or FILE, would change; or what differs between two revisions")
    .argument("[file]", "a configuration file")
    .option("--from <revision>", "compare from this revision")
    .option("--to <revision>", "to this one; default: the newest")
    .action(diff);
  config
    .command("apply")
    .description("bring a configuration into force: the configuration file as it is, or FILE")
    .argument("[file]", "a configuration file; - for standard input")
    .option("--note <text>", "why, for the list of revisions")
    .option("--json", "print JSON")
    .action(apply);
  config
    .command("rollback")
    .description("bring an earlier revision into force again: the one before, or that of a number")
    .argument("[revision]", "its number")
    .option("--note <text>", "why, for the list of revisions")
    .option("--json", "print JSON")
    .action(rollback);
}

async function show(number: string | undefined): Promise<void> {
  const { text, problems } = await administer(dataFolder(), async (run) => {
    if (number !== undefined) return await run(getRevision, { parameters: { number } });
    return await run(getConfiguration);
  });
  console.log(text.trimEnd());
  tellProblems(problems);
}

interface ListOptions {
  readonly limit: string;
  readonly json?: boolean;
}

async function list({ limit, json }: ListOptions): Promise<void> {
  const most = positive(limit);
  const { found, current } = await administer(dataFolder(), async (run) => ({
    found: await everyPage(run, listRevisions, {}, most),
    current: await run(getConfiguration),
  }));
  if (json === true) return console.log(JSON.stringify(found, null, 2));
  if (found.length === 0) return console.log("There is no revision yet: the first start makes one.");
  printTable(
    ["revision", "when", "who", "from", "digest", "state", "note"],
    found.map((one) => [
      String(one.number),
      one.made_at.replace("T", " ").slice(0, 19),
      one.made_by.name,
      one.source,
      one.digest.slice(0, 12),
      one.number === current.revision ? "in force" : one.state,
      noteOf(one),
    ]),
  );
  tellProblems(current.problems);
}

function noteOf({ note, restores }: RevisionShown): string {
  const restored = restores === null ? [] : [`again revision ${restores}`];
  return [...restored, ...(note === null ? [] : [note])].join(": ");
}

interface DiffOptions {
  readonly from?: string;
  readonly to?: string;
}

async function diff(file: string | undefined, { from, to }: DiffOptions): Promise<void> {
  if (from !== undefined || to !== undefined) {
    if (file !== undefined)
      throw new UsageError("A file and revisions can't be compared at once.", "Name the one or the others.");
    const query = { from: numberOf(from), to: numberOf(to) };
    const found = await administer(dataFolder(), (run) => run(compareRevisions, { query }));
    console.log(found.diff === "" ? `Revisions ${found.from} and ${found.to} are the same.` : found.diff);
    return;
  }
  const { text, name } = textOf(file);
  const found = await administer(dataFolder(), (run) => run(checkConfiguration, { body: { text } }));
  console.log(found.diff === "" ? `${name} is what is in force.` : found.diff);
  tellProblems(found.problems);
}

interface ChangeOptions {
  readonly note?: string;
  readonly json?: boolean;
}

async function apply(file: string | undefined, { note, json }: ChangeOptions): Promise<void> {
  const { text } = textOf(file);
  const body = { text, ...(note === undefined ? {} : { note }) };
  await tellWhenSettled(await administer(dataFolder(), (run) => run(applyConfiguration, { body })), json);
}

async function rollback(number: string | undefined, { note, json }: ChangeOptions): Promise<void> {
  const to = numberOf(number);
  const body = { ...(to === undefined ? {} : { to }), ...(note === undefined ? {} : { note }) };
  await tellWhenSettled(await administer(dataFolder(), (run) => run(rollbackConfiguration, { body })), json);
}

const SETTLED_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 100;

/** A running gateway takes a revision in within a second and says whether it could. */
async function tellWhenSettled(made: RevisionShown, json: boolean | undefined): Promise<void> {
  const folder = dataFolder();
  const isRunning = isServed(folder);
  const endMs = performance.now() + (isRunning ? SETTLED_WITHIN_MS : 0);
  let shown = made;
  while (shown.state === "pending" && performance.now() < endMs) {
    await Bun.sleep(LOOK_AGAIN_MS);
    const parameters = { number: String(made.number) };
    shown = await administer(folder, (run) => run(getRevision, { parameters }));
  }
  if (json === true) console.log(JSON.stringify(shown));
  else console.log(sentenceOf(shown, isRunning));
  tellProblems(shown.problems);
}

function sentenceOf({ number, state }: RevisionShown, isRunning: boolean): string {
  if (state === "refused")
    return `Revision ${number} was refused by the running gateway; nothing was changed there.`;
  if (!isRunning) return `Revision ${number} is stored; the next start runs it.`;
  return state === "applied"
    ? `Revision ${number} is in force.`
    : `Revision ${number} is stored; the gateway has not taken it in yet.`;
}

function tellProblems(problems: RevisionShown["problems"]): void {
  if (problems.length === 0) return;
  for (const { file, line, column, path, message, mend } of problems) {
    const place = line === 0 ? file : `${file}:${line}:${column}`;
    console.error(`${place}  ${path === "" ? "" : `${path}: `}${message}\n    mend: ${mend}`);
  }
  process.exitCode = 1;
}

function numberOf(typed: string | undefined): number | undefined {
  return typed === undefined ? undefined : positive(typed);
}

function textOf(file: string | undefined): { readonly text: string; readonly name: string } {
  if (file === "-") return { text: readFileSync(0, "utf8"), name: "It" };
  if (file !== undefined) return { text: readFileSync(file, "utf8"), name: file };
  const text = processText();
  if ("text" in text && text.file !== undefined) return { text: text.text, name: text.file };
  throw new UsageError(
    "There is no configuration file that can be read.",
    "Name a file: `gatehouse config apply FILE`.",
  );
}
