/** What the gateway promises of its speed. A bar is one value in the list; it is printed, never asserted in a test. */
import { barestRelay, gateway, routedGateway } from "./contenders.ts";
import type { Result } from "./measure.ts";

/** A bar with what was measured against it. */
export interface Verdict {
  sentence: string;
  /** Unset when the workload or a contender was left out or didn't count. */
  passed?: boolean;
  measured?: string;
}

type Read = (workload: string, contender: string, value: string) => number | undefined;

interface Bar {
  sentence: string;
  limit: number;
  /** Whether more is better. */
  isFloor: boolean;
  digits: number;
  measure(read: Read): number | undefined;
}

const bars: readonly Bar[] = [
  {
    sentence: "small call: requests/s at least 0.7 of the barest relay's",
    limit: 0.7,
    isFloor: true,
    digits: 2,
    measure: (read) => {
      const ours = read("small", gateway.name, "rate");
      const barest = read("small", barestRelay.name, "rate");
      return ours !== undefined && barest !== undefined ? ours / barest : undefined;
    },
  },
  {
    sentence: "500 streams: at most 35 µs of CPU per event",
    limit: 35,
    isFloor: false,
    digits: 1,
    measure: (read) => read("streams-500", gateway.name, "cpu"),
  },
  {
    sentence: "small call, translated: at most 2 times the CPU of one passed through",
    limit: 2,
    isFloor: false,
    digits: 2,
    measure: (read) => {
      const translated = read("translated-small", gateway.name, "cpu");
      const passed = read("small", gateway.name, "cpu");
      return translated !== undefined && passed !== undefined ? translated / passed : undefined;
    },
  },
  {
    sentence: "500 streams, translated: at most 60 µs of CPU per event",
    limit: 60,
    isFloor: false,
    digits: 1,
    measure: (read) => read("translated-streams-500", gateway.name, "cpu"),
  },
  {
    sentence: "small call, by a route of 20 targets: at most 1.05 times the CPU of one that names its target",
    limit: 1.05,
    isFloor: false,
    digits: 3,
    measure: (read) => {
      const routed = read("routed-small", routedGateway.name, "cpu");
      const named = read("routed-small", gateway.name, "cpu");
      return routed !== undefined && named !== undefined ? routed / named : undefined;
    },
  },
  {
    sentence: "5,000 held streams: less than 60 KB each",
    limit: 60,
    isFloor: false,
    digits: 1,
    measure: (read) => read("held-5000", gateway.name, "perStream"),
  },
];

/** Holds the results against all bars. */
export function judge(results: readonly Result[]): Verdict[] {
  const read: Read = (workload, contender, value) => {
    const rows = results.find((result) => result.workload.name === workload)?.rows;
    const row = rows?.find((candidate) => candidate.contender === contender);
    return row?.invalid === undefined ? row?.values[value] : undefined;
  };
  return bars.map((bar) => verdictOf(bar, bar.measure(read)));
}

function verdictOf({ sentence, limit, isFloor, digits }: Bar, value: number | undefined): Verdict {
  if (value === undefined) return { sentence };
  const ratio = `${(value / limit).toFixed(2)} of the bar`;
  return {
    sentence,
    passed: isFloor ? value >= limit : value <= limit,
    measured: `${value.toFixed(digits)}, ${ratio}`,
  };
}

/** The word for a verdict. */
export function wordFor({ passed }: Verdict): string {
  if (passed === undefined) return "NOT MEASURED";
  return passed ? "PASS" : "FAIL";
}
