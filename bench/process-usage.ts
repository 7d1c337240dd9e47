/** Reads what a process and its descendants have used: CPU time (all threads) and memory, from /proc. */
import { readdirSync, readFileSync } from "node:fs";

/** CPU time since the start, and memory now and at its peak, of a process tree. */
export interface ProcessUsage {
  cpuMicroseconds: number;
  residentBytes: number;
  peakBytes: number;
}

/** /proc counts CPU time in ticks of 10 ms (USER_HZ is 100 on every Linux that Bun runs on). */
const TICK_MICROSECONDS = 10_000;

const MEGABYTE = 1024 * 1024;

/** What a process, its threads and all its descendants have used so far. */
export function usageOf(pid: number): ProcessUsage {
  const total = { cpuMicroseconds: 0, residentBytes: 0, peakBytes: 0 };
  for (const id of treeOf(pid)) {
    total.cpuMicroseconds += cpuOf(id);
    const { resident, peak } = memoryOf(id);
    total.residentBytes += resident;
    total.peakBytes += peak;
  }
  return total;
}

/** What a process tree spent between two looks: CPU per unit of work, and memory at the second look. */
export function costBetween(
  before: ProcessUsage,
  after: ProcessUsage,
  units: number,
): Record<string, number> {
  return {
    cpu: (after.cpuMicroseconds - before.cpuMicroseconds) / Math.max(1, units),
    resident: after.residentBytes / MEGABYTE,
    peak: after.peakBytes / MEGABYTE,
  };
}

function treeOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(treeOf)];
}

/** utime + stime, and those of children that have already ended. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the name in brackets and may hold spaces; counting starts behind it, at field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks * TICK_MICROSECONDS;
}

function memoryOf(pid: number): { resident: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024;
  return { resident: bytes("VmRSS"), peak: bytes("VmHWM") };
}
