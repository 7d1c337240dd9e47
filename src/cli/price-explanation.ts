import {
  type AttemptExplanation,
  type Bill,
  type BillLine,
  formatDecimal,
  type RequestExplanation,
  UNITS,
} from "../assembly/explain-request.ts";
import { formatDollars } from "../model/money.ts";

/** What a request cost, for people. */
export function explanationText(explanation: RequestExplanation): string {
  const { requestId, project, requestedModel, attempts } = explanation;
  const head = `${requestId}  project ${project}, asked for ${requestedModel}, ${moment(explanation.receivedAtMs)}\n`;
  return [head, ...attempts.map(attemptText), totalText(explanation)].join("\n");
}

/** The same for programs: every amount an exact decimal of dollars, as a text. */
export function explanationJson(explanation: RequestExplanation): object {
  const { cost, billed, attempts, ...rest } = explanation;
  return {
    ...rest,
    attempts: attempts.map(attemptJson),
    costUsd: formatDollars(cost),
    billedUsd: formatDollars(billed),
  };
}

/** A line of a bill: what it is, how many, at what rate, and the amount with its point where all others have theirs. */
type Row = readonly [what: string, count: string, rate: string, amount: string];

function attemptText(attempt: AttemptExplanation): string {
  const { ordinal, provider, model, outcome, usageSource, notes } = attempt;
  const how = [outcome ?? "open", ...(usageSource === undefined ? [] : [`usage ${usageSource}`])].join(", ");
  return [
    `attempt ${ordinal}  ${provider}/${model}  ${how}, ${moment(attempt.startedAtMs)}`,
    ...pricesLine(attempt),
    ...table([...billRows(attempt), ...costRows(attempt)]),
    ...notes.map((note) => `  note: ${note}`),
    "",
  ].join("\n");
}

function pricesLine({ sheet, priceBookVersion, serviceTier }: AttemptExplanation): string[] {
  if (sheet === undefined) return [];
  const { source, id, above } = sheet;
  const parts = [
    `prices: ${source} of ${priceBookVersion ?? "an unknown version"}, sheet ${id}`,
    ...(above === undefined ? [] : [`more than ${above} input tokens`]),
    ...(serviceTier === undefined ? [] : [`service tier ${serviceTier}`]),
  ];
  return [`  ${parts.join(", ")}`];
}

function billRows({ bill, sheet }: AttemptExplanation): Row[] {
  if (bill === undefined) return [];
  const amount = (exact: bigint) => formatDecimal(exact, bill.places);
  const rows = bill.lines.map(
    (line): Row => [
      UNITS[line.unit].label,
      String(line.count),
      rateText(line),
      line.priced === undefined ? "" : amount(line.priced.amount),
    ],
  );
  const { tierDiscount, rounding } = bill;
  return [
    ...rows,
    ...(tierDiscount === undefined
      ? []
      : [[`tier ${sheet?.serviceTier}`, "", `tokens x ${sheet?.factor}`, amount(tierDiscount)] as const]),
    ...(rounding === 0n ? [] : [["rounding", "", "", amount(rounding)] as const]),
  ];
}

function costRows({ cost, markup, billed }: AttemptExplanation): Row[] {
  if (cost === undefined) return [];
  const rows: Row[] = [["cost", "", "", formatDollars(cost)]];
  if (markup === undefined || billed === undefined) return rows;
  const added = formatDollars(BigInt(billed) - BigInt(cost));
  return [...rows, ["markup", "", `cost x ${markup}`, added], ["billed", "", "", formatDollars(billed)]];
}

const FEE_PLACES = 15;
const TOKEN_PLACES = 9;

function rateText({ unit, priced }: BillLine): string {
  if (priced === undefined) return "no price";
  return UNITS[unit].kind === "fee"
    ? `${formatDecimal(priced.rate, FEE_PLACES)} each`
    : formatDecimal(priced.rate, TOKEN_PLACES);
}

function table(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const decimals = Math.max(...rows.map(([, , , amount]) => fractionOf(amount).length));
  const aligned = rows.map(([what, count, rate, amount]): Row => {
    return [what, count, rate, amount + " ".repeat(decimals - fractionOf(amount).length)];
  });
  const all: readonly Row[] = [["", "count", "$ per million", "$".padEnd(decimals)], ...aligned];
  const width = (column: number) => Math.max(...all.map((row) => row[column]?.length ?? 0));
  const [what, count, rate, amount] = [width(0), width(1), width(2), width(3)];
  return all.map((row) =>
    `  ${row[0].padEnd(what)}  ${row[1].padStart(count)}  ${row[2].padStart(rate)}  ${row[3].padStart(amount)}`.trimEnd(),
  );
}

/** The point and what follows it. */
function fractionOf(amount: string): string {
  const point = amount.indexOf(".");
  return point === -1 ? "" : amount.slice(point);
}

function totalText({ cost, billed, unpriced }: RequestExplanation): string {
  const sums = [`total  cost $${formatDollars(cost)}`];
  if (billed !== cost) sums.push(`billed $${formatDollars(billed)}`);
  if (unpriced > 0) sums.push(`${unpriced} without a price`);
  return `${sums.join(", ")}\n`;
}

function attemptJson(attempt: AttemptExplanation): object {
  const { sheet, bill, cost, billed, ...rest } = attempt;
  return {
    ...rest,
    ...(sheet !== undefined && { priceSheet: sheet.id, source: sheet.source, above: sheet.above ?? 0 }),
    ...(bill !== undefined && billJson(bill, attempt)),
    costUsd: cost === undefined ? null : formatDollars(cost),
    billedUsd: billed === undefined ? null : formatDollars(billed),
  };
}

function billJson({ places, lines, tierDiscount, rounding }: Bill, { sheet }: AttemptExplanation): object {
  return {
    lines: lines.map(({ unit, count, priced }) => ({
      unit,
      count,
      perMillionUsd: priced === undefined ? null : formatDecimal(priced.rate, TOKEN_PLACES),
      amountUsd: priced === undefined ? null : formatDecimal(priced.amount, places),
    })),
    ...(tierDiscount !== undefined && {
      tierDiscount: { factor: sheet?.factor, amountUsd: formatDecimal(tierDiscount, places) },
    }),
    roundingUsd: formatDecimal(rounding, places),
  };
}

function moment(atMs: number): string {
  return new Date(atMs).toISOString();
}
