/** Streamed answers of 100 content events, one each 20 ms, many streams at once. */
import { wordOf } from "../chat-events.ts";
import type { Running } from "../contenders.ts";
import { costBetween, usageOf } from "../process-usage.ts";
import { LOAD_CORE, runToEnd } from "../processes.ts";
import type { LoadReport } from "../stream-load.ts";
import { startStreamUpstream, streamLoad } from "../stream-runs.ts";
import type { Workload } from "../workload.ts";

const CONTENT_EVENTS = 100;
/** The content events, the usage event and `[DONE]`. */
const EVENTS = CONTENT_EVENTS + 2;
/** Where the gateway writes the stream, its end is an event of its own. */
const TRANSLATED_EVENTS = EVENTS + 1;
const EXPECTED_TEXT = Array.from({ length: CONTENT_EVENTS }, (_, index) => wordOf(index)).join("");
/** Half as long as a stream lasts, so that all are open together for a while. */
const OPENING_MILLISECONDS = 1000;
/** Time for a contender to finish what it does after a stream, so that this CPU time is counted too. */
const SETTLE_MILLISECONDS = 300;

/** A workload of so many streams at once; `isTranslated` where the provider is Anthropic's. */
export function streams({
  name,
  streams,
  isTranslated = false,
}: {
  name: string;
  streams: number;
  isTranslated?: boolean;
}): Workload {
  const mode = isTranslated ? "paced-messages" : "paced";
  const dialect = isTranslated ? "anthropic-messages" : "openai-chat";
  return {
    name,
    about: `${streams} streams at once, ${CONTENT_EVENTS} content events of about 300 bytes each, one each 20 ms${isTranslated ? ", translated from Anthropic's dialect" : ""}; opened over 1 s`,
    columns: [
      { title: "CPU µs/event", value: "cpu", digits: 1 },
      { title: "first event p50 ms", value: "firstP50", digits: 2 },
      { title: "first event p99 ms", value: "firstP99", digits: 2 },
      { title: "added p50 ms", value: "firstP50", digits: 2, isAdded: true },
      { title: "added p99 ms", value: "firstP99", digits: 2, isAdded: true },
      { title: "events", value: "events", digits: 0 },
      { title: "RSS MB", value: "resident", digits: 0 },
      { title: "peak MB", value: "peak", digits: 0 },
    ],
    includesDirect: !isTranslated,
    isForGateway: isTranslated,
    startUpstream: (settings) => startStreamUpstream(settings, [mode, String(CONTENT_EVENTS), "20"], dialect),
    warmUp: async (running) => void (await load(running, 100)),
    measure: async (running) => {
      const before = running.pid && usageOf(running.pid);
      const report = await load(running, streams);
      await Bun.sleep(SETTLE_MILLISECONDS);
      const after = running.pid && usageOf(running.pid);
      const values = {
        events: report.events,
        firstP50: report.firstEventP50,
        firstP99: report.firstEventP99,
        ...(before && after && costBetween(before, after, report.events)),
      };
      const invalid = faultOf(report, streams * (isTranslated ? TRANSLATED_EVENTS : EVENTS));
      return { values, ...(invalid && { invalid }) };
    },
  };
}

async function load(running: Running, count: number): Promise<LoadReport> {
  const command = streamLoad(running, {
    streams: count,
    openingMilliseconds: OPENING_MILLISECONDS,
    expectedText: EXPECTED_TEXT,
  });
  return JSON.parse(await runToEnd({ command, core: LOAD_CORE }));
}

function faultOf(report: LoadReport, expected: number): string | undefined {
  if (report.faultCount === 0 && report.events === expected) return undefined;
  return `${report.faultCount} faulty streams, ${report.events} of ${expected} events; sample: ${report.faults[0] ?? "none"}`;
}
