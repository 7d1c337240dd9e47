import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";

/**
 * Sets how readily the calling thread gives way to others (nice: 0 as any other, 19 to all). Linux gives each thread
 * its own; elsewhere, where a thread can't be named, nothing changes.
 */
export function setThreadPriority(nice: number): void {
  try {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    if (Number.isInteger(thread)) setPriority(thread, nice);
  } catch {
    // No such system, or it may not: the thread then runs like any other.
  }
}
