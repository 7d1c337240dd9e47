import type { Database } from "bun:sqlite";
import { isFailure } from "../../model/attempt.ts";
import { DurationSketch } from "../../storage/rollups/duration-sketch.ts";
import { idBefore, idFrom } from "../../storage/row-ids.ts";
import type { AttemptRow } from "../../storage/schema.ts";
import { type Percentiles, percentilesOf } from "../usage/percentiles.ts";
import { type IdPage, idPages } from "./id-pages.ts";

/** Which calls of a route: those that began in `[sinceMs, untilMs)`, in milliseconds since 1970. */
export interface RouteResultsQuery {
  readonly route: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Absent: of all projects. */
  readonly project?: string;
}

/** What some calls came to. Durations are of those that went well. */
export interface CallSums {
  readonly calls: number;
  /** Failed or interrupted. */
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In nano-dollars, exact. */
  readonly cost: bigint;
  /** Calls that have no price, hence add nothing to the cost. */
  readonly unpriced: number;
  readonly firstTokenMs: Percentiles;
  readonly totalMs: Percentiles;
}

/** What the calls of one way came to; the name is empty where the route is not divided. */
export interface ArmResult {
  readonly arm: string;
  readonly sums: CallSums;
}

/** What a shadow's copies came to, beside the very calls that they are copies of. */
export interface ShadowResult {
  readonly target: string;
  readonly outcomes: {
    readonly bothOk: number;
    readonly onlyShadowFailed: number;
    readonly onlyServedFailed: number;
    readonly bothFailed: number;
  };
  readonly shadow: CallSums;
  readonly served: CallSums;
}

/** How the ways of a route did. */
export interface RouteResults {
  readonly arms: readonly ArmResult[];
  readonly shadows: readonly ShadowResult[];
}

/** What is added up of a request or attempt that has ended; both have these columns. */
interface CallRow
  extends Pick<
    AttemptRow,
    "input_tokens" | "output_tokens" | "cost_nanodollars" | "first_token_ms" | "total_ms"
  > {
  readonly outcome: string;
}

type ArmRow = CallRow & { readonly arm: string | null };

/** A copy, and the call that it is a copy of. */
type ShadowRow = CallRow &
  Pick<AttemptRow, "provider" | "model"> & {
    readonly [Column in keyof CallRow as `served_${Column}`]: CallRow[Column];
  };

/** Adds up a route's requests by arm, and its shadow's copies, from the rows. Not on the thread that serves. */
export async function routeResults(database: Database, query: RouteResultsQuery): Promise<RouteResults> {
  return { arms: await armResults(database, query), shadows: await shadowResults(database, query) };
}

/** What was refused before any attempt is no doing of an arm's. */
async function armResults(database: Database, query: RouteResultsQuery): Promise<readonly ArmResult[]> {
  const rows = database.query<ArmRow, (string | number)[]>(
    `select arm, outcome, input_tokens, output_tokens, cost_nanodollars, first_token_ms, total_ms
     from requests
     where id > ? and id <= ? and received_at_ms >= ? and received_at_ms < ? and route = ?
       and outcome is not null and attempts > 0 ${query.project === undefined ? "" : "and project = ?"}`,
  );
  const byArm = new Map<string, Summing>();
  const span = { from: idFrom("req_", query.sinceMs), before: idBefore("req_", query.untilMs) };
  for await (const page of idPages(database, { table: "requests", ...span }))
    for (const row of rows.all(...bindings(page, query))) summingOf(byArm, row.arm ?? "").add(row);
  return [...byArm]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([arm, summing]) => ({ arm, sums: summing.sums() }));
}

async function shadowResults(database: Database, query: RouteResultsQuery): Promise<readonly ShadowResult[]> {
  const rows = database.query<ShadowRow, (string | number)[]>(
    `select copy.provider, copy.model, copy.outcome, copy.input_tokens, copy.output_tokens,
       copy.cost_nanodollars, copy.first_token_ms, copy.total_ms,
       served.outcome as served_outcome, served.input_tokens as served_input_tokens,
       served.output_tokens as served_output_tokens, served.cost_nanodollars as served_cost_nanodollars,
       served.first_token_ms as served_first_token_ms, served.total_ms as served_total_ms
     from attempts as copy join requests as served on served.id = copy.request_id
     where copy.purpose = 'shadow' and copy.id > ? and copy.id <= ?
       and copy.started_at_ms >= ? and copy.started_at_ms < ? and served.route = ?
       and copy.outcome is not null and served.outcome is not null
       ${query.project === undefined ? "" : "and copy.project = ?"}`,
  );
  const byTarget = new Map<string, Comparing>();
  const span = { from: idFrom("att_", query.sinceMs), before: idBefore("att_", query.untilMs) };
  for await (const page of idPages(database, { table: "attempts", where: "purpose = 'shadow'", ...span })) {
    for (const row of rows.all(...bindings(page, query))) {
      const target = `${row.provider}/${row.model}`;
      const comparing = byTarget.get(target) ?? new Comparing();
      byTarget.set(target, comparing);
      comparing.add(row);
    }
  }
  return [...byTarget].map(([target, comparing]) => comparing.result(target));
}

function bindings({ after, upTo }: IdPage, query: RouteResultsQuery): (string | number)[] {
  const { sinceMs, untilMs, route, project } = query;
  const values = [after, upTo, sinceMs, untilMs, route];
  return project === undefined ? values : [...values, project];
}

function summingOf(byName: Map<string, Summing>, name: string): Summing {
  const known = byName.get(name);
  if (known !== undefined) return known;
  const made = new Summing();
  byName.set(name, made);
  return made;
}

/** A copy and its call, side by side. */
class Comparing {
  readonly #shadow = new Summing();
  readonly #served = new Summing();
  readonly #outcomes = { bothOk: 0, onlyShadowFailed: 0, onlyServedFailed: 0, bothFailed: 0 };

  add(row: ShadowRow): void {
    this.#shadow.add(row);
    this.#served.add({
      outcome: row.served_outcome,
      input_tokens: row.served_input_tokens,
      output_tokens: row.served_output_tokens,
      cost_nanodollars: row.served_cost_nanodollars,
      first_token_ms: row.served_first_token_ms,
      total_ms: row.served_total_ms,
    });
    this.#compare(isFailure(row.outcome), isFailure(row.served_outcome));
  }

  result(target: string): ShadowResult {
    return {
      target,
      outcomes: { ...this.#outcomes },
      shadow: this.#shadow.sums(),
      served: this.#served.sums(),
    };
  }

  #compare(hasShadowFailed: boolean, hasServedFailed: boolean): void {
    if (hasShadowFailed && hasServedFailed) this.#outcomes.bothFailed++;
    else if (hasShadowFailed) this.#outcomes.onlyShadowFailed++;
    else if (hasServedFailed) this.#outcomes.onlyServedFailed++;
    else this.#outcomes.bothOk++;
  }
}

class Summing {
  #calls = 0;
  #errors = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #cost = 0n;
  #unpriced = 0;
  readonly #firstTokenMs = new DurationSketch();
  readonly #totalMs = new DurationSketch();

  add(row: CallRow): void {
    this.#calls++;
    if (isFailure(row.outcome)) this.#errors++;
    this.#inputTokens += row.input_tokens ?? 0;
    this.#outputTokens += row.output_tokens ?? 0;
    if (row.cost_nanodollars === null) this.#unpriced++;
    else this.#cost += BigInt(row.cost_nanodollars);
    if (row.outcome !== "ok") return;
    if (row.first_token_ms !== null) this.#firstTokenMs.add(row.first_token_ms);
    if (row.total_ms !== null) this.#totalMs.add(row.total_ms);
  }

  sums(): CallSums {
    return {
      calls: this.#calls,
      errors: this.#errors,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      cost: this.#cost,
      unpriced: this.#unpriced,
      firstTokenMs: percentilesOf(this.#firstTokenMs),
      totalMs: percentilesOf(this.#totalMs),
    };
  }
}
