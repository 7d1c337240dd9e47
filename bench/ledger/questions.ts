import type { LedgerReader } from "../../src/ledger/reader/ledger-reader.ts";
import type { RequestFilters } from "../../src/ledger/requests/request-filters.ts";
import type { UsageGrouping, UsageQuery } from "../../src/ledger/usage/usage-query.ts";

const DAY_MS = 86_400_000;

/** One question, and what it is for people. */
export interface Question {
  readonly name: string;
  /** A part of a download, which nobody waits for. */
  readonly isExport?: true;
  ask(reader: LedgerReader): Promise<unknown>;
}

/** What is asked of usage and of the request log. */
export function questions(nowMs: number): Question[] {
  return [
    usage("usage by day", ["day"]),
    usage("usage by provider, model", ["provider", "model"]),
    usage("usage by project, key, day", ["project", "key", "day"]),
    usage("usage by tag, outcome, error", ["tag:team", "outcome", "error"]),
    usage("usage of one key by day", ["day"], { key: "key-7" }),
    usage("usage of 7 days by hour", ["hour"], { sinceMs: nowMs - 7 * DAY_MS }),
    usage("usage of 30 days by hour", ["hour"]),
    usage("usage of 30 days by target, hour", ["target", "hour"]),
    usage("usage of 30 days by key, target, hour", ["key", "target", "hour"]),
    usage("usage of a day by target, hour", ["target", "hour"], { sinceMs: nowMs - DAY_MS }),
    usage("usage of a day by end user", ["end_user"], { sinceMs: nowMs - DAY_MS }),
    usage("usage of 30 days by end user", ["end_user"]),
    usage("usage of 30 days by project, end user, day", ["project", "end_user", "day"]),
    usage("usage of one end user by day", ["day"], { endUser: "user-42" }),
    page("newest requests", {}),
    page("requests of a day in the middle", { sinceMs: nowMs - 15 * DAY_MS, untilMs: nowMs - 14 * DAY_MS }),
    page("failed requests", { outcome: "failed" }),
    page("requests of a key and a model", { key: "key-7", requestedModel: "provider-3/model-7" }),
    page("requests of an end user", { endUser: "user-42" }),
    page("requests dearer than any", { leastCost: 1_000_000_000 }),
    page("slow requests of a tag", { leastMs: 20_000, tag: { name: "team", value: "team-1" } }),
    page("requests of nobody", { endUser: "nobody" }),
    page("requests of one status, slowest", { status: 503, leastMs: 19_000 }),
    {
      name: "one request with its attempts",
      ask: async (reader) => {
        const { rows } = await reader.requests({ filters: { untilMs: nowMs - 9 * DAY_MS }, limit: 1 });
        return reader.request(rows[0]?.id ?? "");
      },
    },
    {
      isExport: true,
      name: "a part of an export of usage by key, target, hour",
      ask: (reader) =>
        reader.usageExport({ query: { by: ["key", "target", "hour"], order: "group" }, format: "csv" }),
    },
    {
      isExport: true,
      name: "a part of an export of what is rare",
      ask: (reader) => reader.rowExport({ table: "attempts", filters: { endUser: "nobody" }, format: "csv" }),
    },
    {
      isExport: true,
      name: "a part of an export of attempts",
      ask: (reader) => reader.rowExport({ table: "attempts", filters: {}, format: "csv" }),
    },
  ];
}

function usage(name: string, by: readonly UsageGrouping[], more: Partial<UsageQuery> = {}): Question {
  return { name, ask: (reader) => reader.usage({ by, order: "cost", page: { limit: 50 }, ...more }) };
}

function page(name: string, filters: RequestFilters): Question {
  return { name, ask: (reader) => reader.requests({ filters, limit: 50 }) };
}
