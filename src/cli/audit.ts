import type { Command as Program } from "commander";
import { administer, listAuditLog } from "../assembly/administration.ts";
import type { Command } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { everyPage } from "./every-page.ts";
import { printTable } from "./table.ts";
import { momentPast, positive } from "./typed-values.ts";

/** `gatehouse audit`: who changed what, when. */
export const audit: Command = {
  name: "audit",
  summary: "who changed what, when",
  register(program: Program): void {
    program
      .command(audit.name)
      .description(audit.summary)
      .option("--since <moment>", "from 30m, 24h, 7d ago, or from a date on")
      .option("--until <moment>", "up to then")
      .option(
        "--action <action>",
        "create, update, rotate, block, unblock, revoke, delete, rollback or read only",
      )
      .option(
        "--resource <kind>",
        "project, key, admin_key, price_override, configuration, provider_secret or recorded_body only",
      )
      .option("--id <id>", "of that project or key only")
      .option("--actor <id>", "by that admin key or user only")
      .option("--limit <n>", "how many at most", "50")
      .option("--json", "print JSON, with everything before and after")
      .action(run);
  },
};

interface AuditOptions {
  readonly since?: string;
  readonly until?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly id?: string;
  readonly actor?: string;
  readonly limit: string;
  readonly json?: boolean;
}

async function run(options: AuditOptions): Promise<void> {
  const nowMs = Date.now();
  const query = {
    since: options.since === undefined ? undefined : momentPast(options.since, nowMs),
    until: options.until === undefined ? undefined : momentPast(options.until, nowMs),
    action: options.action,
    resource: options.resource,
    resource_id: options.id,
    actor_id: options.actor,
  };
  const most = positive(options.limit);
  const found = await administer(dataFolder(), (run) => everyPage(run, listAuditLog, query, most));
  if (options.json === true) return console.log(JSON.stringify(found, null, 2));
  if (found.length === 0) return console.log("Nothing was changed that matches that.");
  printTable(
    ["when", "who", "did", "what", "changed"],
    found.map(({ at, actor, action, resource, resource_id, before, after }) => [
      at.replace("T", " ").slice(0, 19),
      `${actor.name} (${actor.kind})`,
      action,
      `${resource} ${resource_id}`,
      changedMembers(before, after).join(", "),
    ]),
  );
}

type Shown = Readonly<Record<string, unknown>> | null;

/** Names of what differs; of something new or gone, none. */
function changedMembers(before: Shown, after: Shown): string[] {
  if (before === null || after === null) return [];
  return Object.keys(after)
    .filter((name) => name !== "updated_at" && name !== "revision")
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
