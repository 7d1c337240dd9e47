import type { Comparison, Refusals, TargetTraffic } from "../assembly/simulation/simulate-configuration.ts";
import { formatDollars } from "../model/money.ts";
import { textTable } from "./columns.ts";

/** What came of a replay. */
export interface Simulation {
  readonly comparison: Comparison;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly tookMs: number;
}

/** The report for programs. */
export function simulationJson({ comparison, sinceMs, untilMs, tookMs }: Simulation): object {
  const { requests, decisions, answered, newlyRefused, targets, refusals, notReplayed, unknown } = comparison;
  const { before, after } = costs(targets);
  return {
    from: new Date(sinceMs).toISOString(),
    to: new Date(untilMs).toISOString(),
    requests,
    answered,
    newly_refused: newlyRefused,
    cost_usd: { before: formatDollars(before), after: formatDollars(after) },
    decisions: { same: decisions.same, by_health: decisions.health, different: decisions.different },
    targets: targets.map((traffic) => ({
      route: traffic.route ?? null,
      target: traffic.target,
      before: shownTraffic(traffic.before),
      after: shownTraffic(traffic.after),
    })),
    refusals: refusals.map(({ message, ...refusal }) => ({ ...refusal, message: message ?? null })),
    not_replayed: Object.fromEntries(notReplayed),
    unknown: Object.fromEntries(unknown),
    took_ms: Math.round(tookMs),
  };
}

/** The report for people. */
export function simulationText(simulation: Simulation): string {
  const { comparison } = simulation;
  const { targets, refusals } = comparison;
  const parts = [
    targets.length === 0 ? "" : textTable(TARGET_COLUMNS, [...targets.map(targetCells), totalCells(targets)]),
    refusals.length === 0 ? "" : textTable(REFUSAL_COLUMNS, refusals.map(refusalCells)),
    `${summary(simulation).join("\n")}\n`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

const numbers = (...headings: readonly string[]) => headings.map((heading) => ({ heading, isNumber: true }));

const TARGET_COLUMNS = [
  { heading: "route", isNumber: false },
  { heading: "target", isNumber: false },
  ...numbers("calls before", "after", "failed before", "after", "cost $ before", "after"),
];

const REFUSAL_COLUMNS = [
  { heading: "refused", isNumber: false },
  ...numbers("before", "after"),
  { heading: "because", isNumber: false },
  { heading: "", isNumber: false },
];

function targetCells({ route = "", target, before, after }: TargetTraffic): string[] {
  const counts = [before.calls, after.calls, before.failed, after.failed].map(String);
  return [route, target, ...counts, dollars(before), dollars(after)];
}

/** A cost that leaves something out says so. */
function dollars({ cost, unpriced, calls }: TargetTraffic["before"]): string {
  if (calls === 0) return "";
  if (unpriced === calls) return "no price";
  return unpriced === 0 ? formatDollars(cost) : `${formatDollars(cost)} + ${unpriced} unpriced`;
}

function totalCells(targets: readonly TargetTraffic[]): string[] {
  const sum = (read: (traffic: TargetTraffic) => number): string =>
    String(targets.reduce((total, traffic) => total + read(traffic), 0));
  const { before, after } = costs(targets);
  return [
    "total",
    "",
    sum((traffic) => traffic.before.calls),
    sum((traffic) => traffic.after.calls),
    sum((traffic) => traffic.before.failed),
    sum((traffic) => traffic.after.failed),
    formatDollars(before),
    formatDollars(after),
  ];
}

function refusalCells({ model, code, message, before, after }: Refusals): string[] {
  return [model, String(before), String(after), code, message ?? ""];
}

function summary({ comparison, tookMs }: Simulation): string[] {
  const { requests, decisions, answered, newlyRefused, notReplayed, unknown } = comparison;
  const seconds = (tookMs / 1000).toFixed(1);
  return [
    `${requests} requests replayed in ${seconds} s: ${answered.before} were answered, ${answered.after} would be.`,
    `${decisions.same} would have gone the same way, ${decisions.different} another; ${decisions.health} another because a target's health differed.`,
    ...(newlyRefused === 0 ? [] : [`${newlyRefused} that were let through would be refused.`]),
    ...[...notReplayed].map(([code, count]) => `${count} not replayed, since no target was chosen: ${code}.`),
    ...[...unknown].map(
      ([what, count]) =>
        `${count} have no ${what} on record, and were taken to have none: it is kept once a route asks for it.`,
    ),
  ];
}

function costs(targets: readonly TargetTraffic[]): { readonly before: bigint; readonly after: bigint } {
  return {
    before: targets.reduce((sum, { before }) => sum + before.cost, 0n),
    after: targets.reduce((sum, { after }) => sum + after.cost, 0n),
  };
}

function shownTraffic({ calls, failed, cost, unpriced }: TargetTraffic["before"]): object {
  return { calls, failed, cost_usd: formatDollars(cost), unpriced };
}
