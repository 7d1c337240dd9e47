/** The bench: `npm run bench`. Prints how the gateway compares, and the bars it has to clear. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judge } from "./bars.ts";
import { measure, type Result } from "./measure.ts";
import { type Options, readOptions } from "./options.ts";
import { stopAll, stopAllOnSignals, throwIfEnding } from "./processes.ts";
import { markdownOf, printResult, printVerdicts } from "./report.ts";
import { ensureTools, machineFacts } from "./tools.ts";

/** Measures everything asked for; gives the exit code. */
async function run(options: Options, directory: string): Promise<number> {
  ensureTools();
  const { contenders, rounds, seconds } = options;
  const facts = machineFacts();
  console.log(facts.join("\n"));
  const results: Result[] = [];
  for (const workload of options.workloads) {
    const result = await measure(workload, contenders, { rounds, seconds, directory });
    throwIfEnding();
    printResult(result);
    results.push(result);
  }
  const verdicts = judge(results);
  printVerdicts(verdicts);
  if (options.markdown) {
    const command = ["npm run bench --", ...process.argv.slice(2)].join(" ");
    writeFileSync(
      options.markdown,
      markdownOf({ command, facts, contenders, rounds, seconds, results, verdicts }),
    );
  }
  return options.isStrict && verdicts.some(({ passed }) => passed === false) ? 1 : 0;
}

const directory = mkdtempSync(join(tmpdir(), "gatehouse-bench-"));
stopAllOnSignals();
try {
  process.exitCode = await run(readOptions(process.argv.slice(2)), directory);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode ??= 2;
} finally {
  await stopAll();
  await rm(directory, { recursive: true, force: true });
}
