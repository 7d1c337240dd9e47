/** The report in its two forms: printed as it comes, and written as a page of the documentation. */
import { join } from "node:path";
import { type Verdict, wordFor } from "./bars.ts";
import type { Contender } from "./contenders.ts";
import type { Result } from "./measure.ts";
import { asMarkdown, asText, cellsOf, faultsOf } from "./table.ts";

/** Kept out of the page: where the project lies on this machine. */
const ROOT = join(import.meta.dir, "..");

/** One workload's table for the terminal. */
export function printResult(result: Result): void {
  console.log(`\n${result.workload.name}: ${result.workload.about}\n`);
  console.log(asText(cellsOf(result)));
  console.log(stolenSentence(result));
  for (const fault of faultsOf(result)) console.log(`INVALID ${fault}`);
}

function stolenSentence({ stolenShare }: Result): string {
  return `(the host took ${(stolenShare * 100).toFixed(1)} % of the machine's time meanwhile)`;
}

/** The bars for the terminal. */
export function printVerdicts(verdicts: readonly Verdict[]): void {
  console.log("\nbars");
  for (const verdict of verdicts) console.log(`  ${sentenceOf(verdict)}`);
}

function sentenceOf(verdict: Verdict): string {
  const measured = verdict.measured === undefined ? "" : ` (${verdict.measured})`;
  return `${wordFor(verdict)}: ${verdict.sentence}${measured}`;
}

/** Everything that goes into the page. */
export interface Page {
  command: string;
  facts: string[];
  contenders: readonly Contender[];
  rounds: number;
  seconds: number;
  results: readonly Result[];
  verdicts: readonly Verdict[];
}

/** The page `docs/benchmarks.md`. */
export function markdownOf(page: Page): string {
  const date = new Date().toISOString().slice(0, 10);
  const sections = [
    "# Benchmarks",
    `Made by \`${page.command}\` on ${date}; don't edit by hand. ` +
      `Rounds: ${page.rounds}, every contender having its turn in each, ${page.seconds} s per measurement of requests; ` +
      "medians are shown. Held streams are measured once, each contender fresh.",
    list(page.facts),
    "CPU is user and system time of the contender's process, all threads and children included. " +
      '"Added" is what comes on top of `direct`.',
    "## Contenders",
    list(page.contenders.map(({ name, about }) => `**${name}**: ${about}`)),
    ...page.results.flatMap(sectionOf),
    "## Bars",
    list(page.verdicts.map(sentenceOf)),
  ];
  return `${sections.join("\n\n")}\n`;
}

function sectionOf(result: Result): string[] {
  const faults = faultsOf(result).map(
    (fault) => `INVALID ${fault.replaceAll(ROOT, ".").replaceAll("\n", " ")}`,
  );
  const { name, about } = result.workload;
  return [
    `## ${name}`,
    `${about}.`,
    asMarkdown(cellsOf(result)),
    ...(faults.length > 0 ? [list(faults)] : []),
  ];
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}
