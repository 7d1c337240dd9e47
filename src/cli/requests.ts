import type { Command as Program } from "commander";
import {
  administer,
  exportAttempts,
  exportRequests,
  getRequest,
  getRequestBody,
  listRequests,
} from "../assembly/administration.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { everyPage } from "./every-page.ts";
import { exportTable } from "./export-table.ts";
import { printTable } from "./table.ts";
import { momentPast, positive } from "./typed-values.ts";

/** `gatehouse requests`: what was asked, by whom, how it went. */
export const requests: Command = {
  name: "requests",
  summary: "the request log: what was asked, by whom, where it went and how it ended",
  register(program: Program): void {
    const own = program.command(requests.name).description(requests.summary);
    filtered(own.command("list", { isDefault: true }).description("requests, newest first"))
      .option("--limit <n>", "how many at most", "50")
      .option("--json", "print JSON")
      .action(list);
    own
      .command("show")
      .description("a request with its attempts")
      .argument("<request>", "the request's id, as x-request-id gave it")
      .action(show);
    own
      .command("body")
      .description("a recorded prompt or answer; that it was read goes into the audit log")
      .argument("<request>", "the request's id")
      .argument("[part]", "request or answer", "request")
      .action(body);
    filtered(own.command("export").description("requests as a table, oldest first"))
      .option("--attempts", "every call to a provider instead, with all that is charged of it")
      .option("--format <format>", "csv, json or jsonl", "csv")
      .action(exportRows);
  },
};

/** What requests are searched by. */
function filtered(command: Program): Program {
  return command
    .option("--since <moment>", "from 30m, 24h, 7d ago, or from a date on")
    .option("--until <moment>", "up to then")
    .option("--id <request>", "that one only")
    .option("--project <name>", "of one project only")
    .option("--key <id>", "of one key only")
    .option("--end-user <name>", "of one end user only")
    .option("--tag <name=value>", "of keys with that tag only")
    .option("--model <name>", "of one model only, as the client named it")
    .option("--provider <name>", "that went to one provider at last")
    .option("--provider-model <name>", "the same, by the provider's own name of the model")
    .option("--operation <name>", "chat, embedding and so on")
    .option("--dialect <name>", "in one dialect only")
    .option("--outcome <outcome>", "ok, failed, interrupted, cancelled or blocked only")
    .option("--status <code>", "answered with that status only")
    .option("--error-code <code>", "that ended with one code only")
    .option("--error-class <class>", "with one class of failure only")
    .option("--min-cost-usd <dollars>", "that cost so much or more")
    .option("--max-cost-usd <dollars>", "that cost so much or less")
    .option("--min-ms <n>", "that took so long or longer")
    .option("--max-ms <n>", "that took so long or less")
    .option("--min-attempts <n>", "2 for those that went to a second target")
    .option("--replay-of <request>", "that were given the kept answer of that request");
}

interface Filters {
  readonly [option: string]: string | boolean | undefined;
}

const FIELDS: { readonly [option: string]: string } = {
  id: "id",
  project: "project",
  key: "key_id",
  endUser: "end_user",
  model: "model",
  provider: "provider",
  providerModel: "provider_model",
  operation: "operation",
  dialect: "dialect",
  outcome: "outcome",
  status: "status",
  errorCode: "error_code",
  errorClass: "error_class",
  minCostUsd: "min_cost_usd",
  maxCostUsd: "max_cost_usd",
  minMs: "min_ms",
  maxMs: "max_ms",
  minAttempts: "min_attempts",
  replayOf: "replay_of",
};

function queryOf(options: Filters): Record<string, string | undefined> {
  const nowMs = Date.now();
  const { since, until, tag } = options;
  const asked = Object.entries(FIELDS).flatMap(([option, field]) => {
    const value = options[option];
    return typeof value === "string" ? [[field, value] as const] : [];
  });
  return {
    ...Object.fromEntries(asked),
    since: typeof since === "string" ? momentPast(since, nowMs) : undefined,
    until: typeof until === "string" ? momentPast(until, nowMs) : undefined,
    tag: typeof tag === "string" ? tag.replace("=", ":") : undefined,
  };
}

async function list(options: Filters): Promise<void> {
  const most = positive(String(options["limit"]));
  const found = await administer(dataFolder(), (run) => everyPage(run, listRequests, queryOf(options), most));
  if (options["json"] === true) return console.log(JSON.stringify(found, null, 2));
  if (found.length === 0) return console.log("No request matches that.");
  printTable(
    ["when", "id", "project", "model", "target", "outcome", "status", "tries", "ms", "in", "out", "cost $"],
    found.map((request) => [
      request.received_at.replace("T", " ").slice(0, 19),
      request.id,
      request.project,
      request.model,
      targetShown(request),
      request.outcome === null ? "open" : (request.error_code ?? request.outcome),
      shown(request.status),
      String(request.attempts),
      shown(request.total_ms),
      shown(request.input_tokens),
      shown(request.output_tokens),
      request.cost_usd ?? "",
    ]),
  );
}

function targetShown({ provider, provider_model, replay_of }: Shown): string {
  if (replay_of !== null) return "(kept answer)";
  return provider === null ? "" : `${provider}/${provider_model}`;
}

type Shown = Record<"provider" | "provider_model" | "replay_of", string | null>;

function shown(value: number | null): string {
  return value === null ? "" : String(value);
}

async function show(id: string): Promise<void> {
  const found = await administer(dataFolder(), (run) => run(getRequest, { parameters: { id } }));
  console.log(JSON.stringify(found, null, 2));
}

async function body(id: string, part: string): Promise<void> {
  const found = await administer(dataFolder(), (run) => run(getRequestBody, { parameters: { id, part } }));
  const bytes = Buffer.from(found.content, found.encoding === "base64" ? "base64" : "utf8");
  await Bun.write(Bun.stdout, bytes);
  if (found.is_cut) console.error(`\ngatehouse: only the beginning is kept, of ${found.bytes} bytes.`);
}

function exportRows(options: Filters): Promise<void> {
  const query = { ...queryOf(options), format: String(options["format"]) };
  return options["attempts"] === true
    ? exportTable(exportAttempts, query)
    : exportTable(exportRequests, query);
}
