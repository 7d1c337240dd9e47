import { type CheckReport, checkProvider, type ProbeResult } from "../assembly/check/check-provider.ts";
import { estimateCheck, type ProbeEstimate, sumOfEstimates } from "../assembly/check/estimate.ts";
import { openSubject, type Subject, UncheckableError } from "../assembly/check/subject.ts";
import { writeCapabilities } from "../assembly/check/write-capabilities.ts";
import type { Settings } from "../assembly/configuration/load-settings.ts";
import { formatDollars } from "../model/money.ts";
import type { Command } from "./command.ts";
import { settingsOrProblems } from "./settings.ts";

interface CheckOptions {
  readonly model?: string;
  readonly json?: boolean;
  readonly write?: boolean;
  readonly yes?: boolean;
}

/** `gatehouse check`: finds out what a provider can, before it gets traffic. */
export const check: Command = {
  name: "check",
  summary: "probe a provider: authentication, streams, tools, structured output, errors",
  register(program) {
    program
      .command(check.name)
      .description(`${check.summary}; exits with 1 where a promise is broken`)
      .argument("<provider>", "the provider's id")
      .option("--model <name>", "the model to ask; default: the provider's default model")
      .option("--json", "print JSON")
      .option("--write", "write what is found lacking into the configuration file")
      .option("--yes", "go on whatever it costs; without, a cent at most is spent")
      .action(run);
  },
};

async function run(provider: string, options: CheckOptions): Promise<void> {
  const settings = await settingsOrProblems();
  if (settings === undefined) return;
  const subject = openSubject(settings, provider, options.model);
  try {
    const leaveOut = affordable(settings, subject, options);
    const tell = options.json ? () => {} : (result: ProbeResult) => console.log(lineOf(result));
    if (!options.json) console.log(headOf(subject));
    const report = await checkProvider(subject, leaveOut, tell);
    const written = options.write && report.lacks.length > 0 ? write(settings, report) : undefined;
    console.log(options.json ? JSON.stringify(asJson(report, written), null, 2) : summaryOf(report, written));
    if (report.counts.fail > 0) process.exitCode = 1;
  } finally {
    subject.close();
  }
}

const CENT = 10_000_000;
const LONG_INPUT = "long input";

/** What is not asked because it would cost more than a cent. Throws where the rest does already. */
function affordable(
  settings: Settings,
  subject: Subject,
  { yes }: CheckOptions,
): ReadonlyMap<string, string> {
  const estimates = estimateCheck(settings, subject);
  if (estimates === undefined) {
    if (yes) return new Map();
    throw new UncheckableError(
      `${subject.target.name} has no price, so what a check costs is unknown.`,
      "Write its price under `prices`, or add --yes.",
    );
  }
  const all = sumOfEstimates(estimates);
  const short = sumOfEstimates(estimates.filter(({ name }) => name !== LONG_INPUT));
  if (yes || all <= CENT) return announced(all, []);
  if (short <= CENT) return announced(short, estimates);
  throw new UncheckableError(
    `The check costs up to $${formatDollars(all)}, more than a cent.`,
    "Add --yes to go on, or name a cheaper model by --model.",
  );
}

function announced(cost: ReturnType<typeof sumOfEstimates>, estimates: readonly ProbeEstimate[]) {
  console.error(`The check costs at most $${formatDollars(cost)}.`);
  const long = estimates.find(({ name }) => name === LONG_INPUT)?.cost;
  if (long === undefined) return new Map<string, string>();
  return new Map([[LONG_INPUT, `would cost up to $${formatDollars(long)}: add --yes`]]);
}

function write(settings: Settings, { target, lacks }: CheckReport): string {
  return writeCapabilities(settings, { provider: target.upstream.provider, model: target.model, lacks });
}

function headOf({ target }: Subject): string {
  const dialects = new Set(target.upstream.endpoints.map(({ dialect }) => dialect));
  return `${target.name}  ${target.upstream.origin}  (${[...dialects].join(", ")})`;
}

function lineOf({ status, name, said, calls, totalMs, cost }: ProbeResult): string {
  const money = cost === undefined ? "cost unknown" : `$${formatDollars(cost)}`;
  const took =
    calls === 0 ? "" : `  (${calls === 1 ? "" : `${calls} calls, `}${Math.round(totalMs)} ms, ${money})`;
  return `  ${status.padEnd(12)} ${name.padEnd(18)} ${said}${took}`;
}

function summaryOf({ counts, cost, lacks }: CheckReport, written: string | undefined): string {
  const sum = `${counts.pass} passed, ${counts.fail} failed, ${counts["not-offered"]} not offered, ${counts.skipped} skipped`;
  const money = cost === undefined ? "cost unknown" : `cost $${formatDollars(cost)}`;
  if (written !== undefined) return `${sum}; ${money}.\nWritten into ${written}: lacks ${lacks.join(", ")}.`;
  const hint =
    lacks.length === 0
      ? ""
      : `\nFound lacking: ${lacks.join(", ")}. --write notes that in the configuration.`;
  return `${sum}; ${money}.${hint}`;
}

function asJson({ target, results, counts, cost, lacks }: CheckReport, written: string | undefined): object {
  return {
    provider: target.upstream.provider,
    model: target.model,
    origin: target.upstream.origin,
    results: results.map(({ cost: own, fatal: _fatal, ...result }) => ({
      ...result,
      costUsd: own === undefined ? null : formatDollars(own),
    })),
    counts,
    costUsd: cost === undefined ? null : formatDollars(cost),
    lacks,
    written: written ?? null,
  };
}
