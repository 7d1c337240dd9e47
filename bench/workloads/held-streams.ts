/** Streams that say little and stay open: what does one cost in memory, and is it let go when the client leaves? */
import type { Running } from "../contenders.ts";
import { usageOf } from "../process-usage.ts";
import { firstLineOf, LOAD_CORE, launch, stop } from "../processes.ts";
import type { LoadReport } from "../stream-load.ts";
import { startStreamUpstream, streamLoad } from "../stream-runs.ts";
import { openFileLimit } from "../tools.ts";
import type { Workload } from "../workload.ts";

const EVENT_MILLISECONDS = 5000;
/** Long enough for each stream's second event. */
const HOLD_SECONDS = 6;
/** Slow enough that no listen queue overflows: a dropped connect is tried again only after a second. */
const OPENINGS_PER_MILLISECOND = 2;
const WARM_UP_STREAMS = 200;
/** How long after the clients left the upstream's open streams are counted. */
const LEAVE_MILLISECONDS = 1000;

const KILOBYTE = 1024;

/** A workload of so many held streams. */
export function heldStreams({ name, streams }: { name: string; streams: number }): Workload {
  return {
    name,
    about: `${streams} streams held open at once, one event each 5 s; then all clients leave`,
    columns: [
      { title: "KB/stream", value: "perStream", digits: 1 },
      { title: "RSS before MB", value: "before", digits: 0 },
      { title: "RSS held MB", value: "held", digits: 0 },
      { title: "alive", value: "alive", digits: 0 },
      { title: "first event p99 ms", value: "firstP99", digits: 1 },
      { title: "upstream open 1 s after clients left", value: "left", digits: 0 },
    ],
    includesDirect: false,
    isSingle: true,
    startUpstream: (settings) => startStreamUpstream(settings, ["held", String(EVENT_MILLISECONDS)]),
    warmUp: async (running) => {
      await hold(running, WARM_UP_STREAMS, 0.5, () => undefined);
      await Bun.sleep(LEAVE_MILLISECONDS);
    },
    measure: async (running, _settings, upstream) => {
      const needed = 2 * streams + 100;
      if (openFileLimit() < needed)
        return { values: {}, invalid: `needs ulimit -n ${needed}, may use ${openFileLimit()}` };
      const pid = running.pid ?? 0;
      const before = usageOf(pid).residentBytes;
      const { report, during } = await hold(running, streams, HOLD_SECONDS, () => usageOf(pid).residentBytes);
      await Bun.sleep(LEAVE_MILLISECONDS);
      const values = {
        perStream: (during - before) / streams / KILOBYTE,
        before: before / KILOBYTE / KILOBYTE,
        held: during / KILOBYTE / KILOBYTE,
        alive: report.alive,
        firstP99: report.firstEventP99,
        left: await openAt(upstream.port),
      };
      const isWhole = report.faultCount === 0 && report.alive === streams;
      const invalid = `${report.alive} of ${streams} alive, ${report.faultCount} faulty: ${report.faults[0] ?? ""}`;
      return { values, ...(!isWhole && { invalid }) };
    },
  };
}

/** Opens the streams, waits, looks, and then drops them all at once by ending the load process. */
async function hold<T>(
  running: Running,
  count: number,
  holdSeconds: number,
  look: () => T,
): Promise<{ report: LoadReport; during: T }> {
  const openingMilliseconds = count / OPENINGS_PER_MILLISECOND;
  const command = streamLoad(running, { streams: count, openingMilliseconds, holdSeconds });
  const child = launch({ command, core: LOAD_CORE, readsOutput: true });
  const report: LoadReport = JSON.parse(await firstLineOf(child));
  const during = look();
  await stop(child);
  return { report, during };
}

/** How many streams the upstream still serves. */
async function openAt(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/open`);
  return Number(await response.text());
}
