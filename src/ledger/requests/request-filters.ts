import type { SQLQueryBindings } from "bun:sqlite";
import type { Condition } from "./row-search.ts";

/** What requests can be searched by; all hold at once. Times are milliseconds since 1970. */
export interface RequestFilters {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly id?: string;
  readonly project?: string;
  /** A key's id. */
  readonly key?: string;
  readonly endUser?: string;
  readonly tag?: { readonly name: string; readonly value: string };
  /** As the client named it. */
  readonly requestedModel?: string;
  /** Of the attempt that answered, else of the last. */
  readonly provider?: string;
  readonly model?: string;
  readonly operation?: string;
  readonly dialect?: string;
  readonly outcome?: string;
  readonly status?: number;
  readonly errorCode?: string;
  readonly errorClass?: string;
  /** In nano-dollars. */
  readonly leastCost?: number;
  readonly mostCost?: number;
  readonly leastMs?: number;
  readonly mostMs?: number;
  readonly leastAttempts?: number;
  /** The request whose kept answer was given. */
  readonly replayOf?: string;
}

/** What attempts can be searched by. */
export type AttemptFilters = Pick<
  RequestFilters,
  | "sinceMs"
  | "untilMs"
  | "project"
  | "key"
  | "endUser"
  | "tag"
  | "provider"
  | "model"
  | "operation"
  | "outcome"
  | "errorCode"
  | "errorClass"
>;

type Filter = Exclude<keyof RequestFilters, "sinceMs" | "untilMs" | "tag">;

const COMPARISONS: { readonly [Name in Filter]: string } = {
  id: "id = ?",
  project: "project = ?",
  key: "key_id = ?",
  endUser: "end_user = ?",
  requestedModel: "requested_model = ?",
  provider: "provider = ?",
  model: "model = ?",
  operation: "operation = ?",
  dialect: "dialect = ?",
  outcome: "outcome = ?",
  status: "status = ?",
  errorCode: "error_code = ?",
  errorClass: "error_class = ?",
  leastCost: "cost_nanodollars >= ?",
  mostCost: "cost_nanodollars <= ?",
  leastMs: "total_ms >= ?",
  mostMs: "total_ms <= ?",
  leastAttempts: "attempts >= ?",
  replayOf: "replay_of = ?",
};

/** The filters as conditions on rows, time apart. */
export function conditionsOf(filters: RequestFilters): Condition[] {
  const conditions = (Object.keys(COMPARISONS) as Filter[]).flatMap((name): Condition[] => {
    const value: SQLQueryBindings | undefined = filters[name];
    return value === undefined ? [] : [{ sql: COMPARISONS[name], values: [value] }];
  });
  const { tag } = filters;
  if (tag === undefined) return conditions;
  return [...conditions, { sql: "json_extract(tags, ?) = ?", values: [`$."${tag.name}"`, tag.value] }];
}

/** The bounds in time. */
export function timesOf({ sinceMs, untilMs }: RequestFilters): Pick<RequestFilters, "sinceMs" | "untilMs"> {
  return {
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(untilMs === undefined ? {} : { untilMs }),
  };
}
