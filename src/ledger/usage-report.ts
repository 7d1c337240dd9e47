import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Tables } from "../storage/schema.ts";

/** What calls can be grouped by; `day` is the day in UTC on which a call began. */
export const USAGE_GROUPINGS = ["provider", "model", "key", "project", "day"] as const;

export type UsageGrouping = (typeof USAGE_GROUPINGS)[number];

/** Which calls to count and how to group them. No groupings at all give one line. */
export interface UsageQuery {
  readonly by: readonly UsageGrouping[];
  /** Calls that began at this moment or later, in milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Calls that began before this moment. */
  readonly untilMs?: number;
  readonly project?: string;
  readonly provider?: string;
}

/** What a group of ended upstream calls came to. */
export interface UsageLine {
  /** The group's value of each grouping asked for. A key is its name, or its id where the key is gone. */
  readonly group: { readonly [Grouping in UsageGrouping]?: string };
  readonly calls: number;
  /** Calls that failed or were interrupted. */
  readonly errors: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** In nano-dollars, exact. */
  readonly cost: bigint;
  /** Calls that have no price, hence add nothing to `cost`. */
  readonly unpriced: number;
  /** In milliseconds, over the calls that went well; the smallest value that at least 50 or 95 % don't exceed. */
  readonly totalMs: Percentiles;
  readonly firstTokenMs: Percentiles;
}

export interface Percentiles {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}

export interface UsageReport {
  /** Dearest first. */
  readonly lines: readonly UsageLine[];
  /** All of them together; undefined where there was no call. */
  readonly total: UsageLine | undefined;
}

/** Counts ended calls. Reads only, so it may run beside a gateway. */
export async function usageReport(store: Kysely<Tables>, query: UsageQuery): Promise<UsageReport> {
  const lines = await usageLines(store, query);
  const [total] = query.by.length === 0 ? lines : await usageLines(store, { ...query, by: [] });
  return { lines, total };
}

interface ReportRow {
  readonly [group: `group_${string}`]: string;
  readonly calls: number;
  readonly errors: number;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
  readonly cost: string;
  readonly unpriced: number;
  readonly total_p50: number | null;
  readonly total_p95: number | null;
  readonly first_p50: number | null;
  readonly first_p95: number | null;
}

const GROUPING_COLUMNS: { readonly [Grouping in UsageGrouping]: RawBuilder<unknown> } = {
  provider: sql`attempts.provider`,
  model: sql`attempts.model`,
  key: sql`coalesce(virtual_keys.name, attempts.key_id)`,
  project: sql`attempts.project`,
  day: sql`strftime('%Y-%m-%d', attempts.started_at_ms / 1000, 'unixepoch')`,
};

async function usageLines(store: Kysely<Tables>, query: UsageQuery): Promise<UsageLine[]> {
  const names = query.by.map((grouping) => sql.ref(`group_${grouping}`));
  const selected = query.by.map(
    (grouping) => sql`${GROUPING_COLUMNS[grouping]} as ${sql.ref(`group_${grouping}`)},`,
  );
  const { rows } = await sql<ReportRow>`
    with picked as (
      select ${sql.join(selected, sql` `)} attempts.*, attempts.outcome = 'ok' as went_well,
        attempts.outcome = 'ok' and attempts.first_token_ms is not null as had_first_token
      from attempts left join virtual_keys on virtual_keys.id = attempts.key_id
      where ${conditions(query)}
    ), ranked as (
      select *, ${rank(names, "went_well", "total_ms")} as total_rank, ${count(names, "went_well")} as total_count,
        ${rank(names, "had_first_token", "first_token_ms")} as first_rank,
        ${count(names, "had_first_token")} as first_count
      from picked
    )
    select ${sql.join(
      names.map((name) => sql`${name},`),
      sql` `,
    )}
      count(*) as calls,
      sum(outcome in ('failed', 'interrupted')) as errors,
      coalesce(sum(input_tokens), 0) as input_tokens,
      coalesce(sum(cached_input_tokens), 0) as cached_input_tokens,
      coalesce(sum(output_tokens), 0) as output_tokens,
      cast(coalesce(sum(cost_nanodollars), 0) as text) as cost,
      sum(cost_nanodollars is null) as unpriced,
      ${percentile(50, "went_well", "total")} as total_p50, ${percentile(95, "went_well", "total")} as total_p95,
      ${percentile(50, "had_first_token", "first")} as first_p50,
      ${percentile(95, "had_first_token", "first")} as first_p95
    from ranked
    ${names.length === 0 ? sql`` : sql`group by ${sql.join(names)}`}
    having count(*) > 0
    order by sum(cost_nanodollars) desc nulls last, calls desc ${sql.join(
      names.map((name) => sql`, ${name}`),
      sql` `,
    )}`.execute(store);
  return rows.map((row) => usageLine(row, query.by));
}

function conditions({ sinceMs, untilMs, project, provider }: UsageQuery): RawBuilder<unknown> {
  const all = [sql`attempts.outcome is not null`];
  if (sinceMs !== undefined) all.push(sql`attempts.started_at_ms >= ${sinceMs}`);
  if (untilMs !== undefined) all.push(sql`attempts.started_at_ms < ${untilMs}`);
  if (project !== undefined) all.push(sql`attempts.project = ${project}`);
  if (provider !== undefined) all.push(sql`attempts.provider = ${provider}`);
  return sql.join(all, sql` and `);
}

type Condition = "went_well" | "had_first_token";

function rank(
  names: readonly RawBuilder<unknown>[],
  condition: Condition,
  column: string,
): RawBuilder<unknown> {
  return sql`row_number() over (partition by ${sql.join([...names, sql.ref(condition)])} order by ${sql.ref(column)})`;
}

function count(names: readonly RawBuilder<unknown>[], condition: Condition): RawBuilder<unknown> {
  return sql`count(*) over (partition by ${sql.join([...names, sql.ref(condition)])})`;
}

const MEASURES = {
  total: [sql.ref("total_ms"), sql.ref("total_rank"), sql.ref("total_count")],
  first: [sql.ref("first_token_ms"), sql.ref("first_rank"), sql.ref("first_count")],
} as const;

/** Nearest rank, in whole numbers so that no rounding picks a neighbour. */
function percentile(
  percent: number,
  condition: Condition,
  measure: keyof typeof MEASURES,
): RawBuilder<unknown> {
  const [value, rank, count] = MEASURES[measure];
  return sql`min(case when ${sql.ref(condition)} and ${rank} * 100 >= ${percent} * ${count} then ${value} end)`;
}

function usageLine(row: ReportRow, by: readonly UsageGrouping[]): UsageLine {
  return {
    group: Object.fromEntries(by.map((grouping) => [grouping, row[`group_${grouping}`]])),
    calls: row.calls,
    errors: row.errors,
    inputTokens: row.input_tokens,
    cachedInputTokens: row.cached_input_tokens,
    outputTokens: row.output_tokens,
    cost: BigInt(row.cost),
    unpriced: row.unpriced,
    totalMs: { p50: row.total_p50 ?? undefined, p95: row.total_p95 ?? undefined },
    firstTokenMs: { p50: row.first_p50 ?? undefined, p95: row.first_p95 ?? undefined },
  };
}
