/** The command line of the bench. */
import { parseArgs } from "node:util";
import type { Contender } from "./contenders.ts";
import { contenders } from "./contenders.ts";
import type { Workload } from "./workload.ts";
import { workloads } from "./workloads.ts";

export interface Options {
  workloads: Workload[];
  contenders: Contender[];
  seconds: number;
  rounds: number;
  markdown?: string;
  isStrict: boolean;
}

export const USAGE = `npm run bench -- [options]
  --only NAMES       workloads, by the beginning of their names, comma separated: ${workloads.map(({ name }) => name).join(", ")}
  --contenders NAMES the same for contenders: ${contenders.map(({ name }) => name).join(", ")}
  --seconds N        how long one measurement of requests lasts (4); 2 makes it a quick bench
  --rounds N         how often each contender has its turn; medians are shown (3, or 1 for a quick bench)
  --markdown FILE    write the report to a file, too
  --strict           end with 1 when a bar is missed
Other work on the machine spoils the rates; CPU times bear it better. On a busy one: sudo nice -n -10 npm run bench`;

/** Reads the command line; throws on what it doesn't know. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", default: "" },
      contenders: { type: "string", default: "" },
      seconds: { type: "string", default: "4" },
      rounds: { type: "string" },
      markdown: { type: "string" },
      strict: { type: "boolean", default: false },
    },
  });
  const seconds = positive("--seconds", values.seconds);
  return {
    workloads: chosen("--only", workloads, values.only),
    contenders: chosen("--contenders", contenders, values.contenders),
    seconds,
    rounds: positive("--rounds", values.rounds ?? (seconds < 3 ? "1" : "3")),
    isStrict: values.strict,
    ...(values.markdown !== undefined && { markdown: values.markdown }),
  };
}

function chosen<T extends { name: string }>(option: string, all: readonly T[], names: string): T[] {
  const beginnings = names.split(",").filter(Boolean);
  const unknown = beginnings.find((beginning) => !all.some(({ name }) => name.startsWith(beginning)));
  if (unknown) throw new Error(`${option}: nothing begins with "${unknown}"\n${USAGE}`);
  if (beginnings.length === 0) return [...all];
  return all.filter(({ name }) => beginnings.some((beginning) => name.startsWith(beginning)));
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value >= 1)) throw new Error(`${option} wants a number of at least 1, not "${text}"\n${USAGE}`);
  return Math.round(value);
}
