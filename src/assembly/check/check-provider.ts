import { dialects } from "../../dialects/index.ts";
import type { AttemptClosing } from "../../model/attempt.ts";
import type { Feature } from "../../model/loss.ts";
import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import type { Target } from "../../model/snapshot.ts";
import { lossesOf } from "./losses-of.ts";
import { type Finding, type Probe, ProbeContext, type ProbeStatus } from "./probe.ts";
import { probes } from "./probes/index.ts";
import type { Subject } from "./subject.ts";

/** What one probe found, and what it took. */
export interface ProbeResult extends Finding {
  readonly name: string;
  readonly calls: number;
  /** Of all its calls. */
  readonly totalMs: number;
  readonly firstTokenMs?: number;
  /** Absent where the model has no price. */
  readonly cost?: NanoDollars;
}

/** Everything that was found about one model of one provider. */
export interface CheckReport {
  readonly target: Target;
  readonly results: readonly ProbeResult[];
  readonly counts: { readonly [S in ProbeStatus]: number };
  /** Absent where the model has no price. */
  readonly cost?: NanoDollars;
  /** What the model was promised to have and has not. */
  readonly lacks: readonly Feature[];
}

/**
 * Probes a provider through the very parts that a call uses. `leaveOut` names probes that are not to be made, and why.
 * Never throws for what the provider does.
 */
export async function checkProvider(
  subject: Subject,
  leaveOut: ReadonlyMap<string, string>,
  tell: (result: ProbeResult) => void,
): Promise<CheckReport> {
  const context = new ProbeContext(subject);
  const results: ProbeResult[] = [];
  let stopped: string | undefined;
  for (const probe of probes) {
    const why = stopped ?? leaveOut.get(probe.name);
    const finding: Finding =
      why === undefined ? await find(probe, context) : { status: "skipped", said: why };
    if (finding.fatal === true) stopped = "nothing can be asked";
    const result = { name: probe.name, ...finding, ...measured(context.takeAttempts()) };
    results.push(result);
    tell(result);
  }
  return report(subject.target, results);
}

function find(probe: Probe, context: ProbeContext): Promise<Finding> | Finding {
  const lost = lossesOf(probe.question, context.target, dialects).find(({ feature }) =>
    probe.features.includes(feature),
  );
  if (lost !== undefined) return { status: "not-offered", said: lost.done };
  return probe.run(context);
}

function measured(attempts: readonly AttemptClosing[]): Omit<ProbeResult, keyof Finding | "name"> {
  const firstTokenMs = attempts.find((attempt) => attempt.firstTokenMs !== undefined)?.firstTokenMs;
  const cost = sum(attempts.map(costOf));
  return {
    calls: attempts.length,
    totalMs: attempts.reduce((total, attempt) => total + attempt.totalMs, 0),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    ...(cost === undefined ? {} : { cost }),
  };
}

/** What consumed nothing costs nothing, price or not. */
function costOf({ cost, usage }: AttemptClosing): NanoDollars | undefined {
  return usage.inputTokens + usage.outputTokens === 0 ? nanoDollars(0) : cost;
}

/** Undefined where one of them is. */
function sum(costs: readonly (NanoDollars | undefined)[]): NanoDollars | undefined {
  let total = 0;
  for (const cost of costs) {
    if (cost === undefined) return undefined;
    total += cost;
  }
  return nanoDollars(total);
}

function report(target: Target, results: readonly ProbeResult[]): CheckReport {
  const count = (status: ProbeStatus) => results.filter((result) => result.status === status).length;
  const cost = sum(results.map((result) => result.cost));
  return {
    target,
    results,
    counts: {
      pass: count("pass"),
      fail: count("fail"),
      "not-offered": count("not-offered"),
      skipped: count("skipped"),
    },
    ...(cost === undefined ? {} : { cost }),
    lacks: results.flatMap(({ lacks = [] }) => lacks),
  };
}
