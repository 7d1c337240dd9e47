/** Whole answers: as many requests as the contender takes, and then one at a time for its own latency. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requestBody, WHOLE_ANSWER, WHOLE_TEXT } from "../chat-events.ts";
import type { Running } from "../contenders.ts";
import { WHOLE_MESSAGE } from "../messages-events.ts";
import { startFixedAnswer } from "../nginx.ts";
import { costBetween, usageOf } from "../process-usage.ts";
import { freePort, LOAD_CORE, withCoresAwake } from "../processes.ts";
import type { Column, Sample, Settings, Workload } from "../workload.ts";
import { type WrkReport, wrk } from "../wrk.ts";

/** Time for a contender to finish what it does after an answer, so that this CPU time is counted too. */
const SETTLE_MILLISECONDS = 300;

/** As long as this many measurements: until then the runtime's compilers take half of the CPU of what is more than a few lines. */
const WARM_UP_ROUNDS = 2;

/**
 * A workload of whole answers of 1.2 KB to requests of this size; `isTranslated` where the provider is Anthropic's,
 * `isRouted` where the gateway is held against itself with a route of many targets.
 */
export function wholeCall(options: {
  name: string;
  requestBytes: number;
  connections: number;
  isTranslated?: boolean;
  isRouted?: boolean;
}): Workload {
  const { name, requestBytes, connections, isTranslated = false, isRouted = false } = options;
  const load = (running: Running, settings: Settings, count: number, seconds: number) => {
    const bodyFile = join(settings.directory, `${name}-${running.port}.json`);
    writeFileSync(bodyFile, requestBody({ model: running.model, bytes: requestBytes }));
    return wrk({ url: urlOf(running), headers: running.headers, bodyFile, connections: count, seconds });
  };
  return {
    name,
    about:
      `${requestBytes >= 1000 ? `${requestBytes / 1000} KB` : `${requestBytes} byte`} request, 1.2 KB answer: ` +
      `${isTranslated ? "said again in Anthropic's dialect and back; " : ""}wrk with ${connections} connections, then 1 (one call at a time, so no queueing; cores kept awake)`,
    columns: columnsOf(connections),
    includesDirect: !isTranslated && !isRouted,
    isForGateway: isTranslated,
    isForRoutes: isRouted,
    startUpstream: async ({ directory }) => {
      const port = await freePort();
      const child = await startFixedAnswer({
        directory,
        port,
        core: LOAD_CORE,
        answer: isTranslated ? WHOLE_MESSAGE : WHOLE_ANSWER,
        isBodyLong: requestBytes > 16_000,
      });
      const dialect = isTranslated ? "anthropic-messages" : "openai-chat";
      return { child, upstream: { port, isStreaming: false, dialect, directory } };
    },
    warmUp: async (running, settings) =>
      void (await load(running, settings, connections, WARM_UP_ROUNDS * settings.seconds)),
    measure: async (running, settings) => {
      const before = running.pid && usageOf(running.pid);
      const many = await load(running, settings, connections, settings.seconds);
      await Bun.sleep(SETTLE_MILLISECONDS);
      const after = running.pid && usageOf(running.pid);
      const single = await withCoresAwake(() => load(running, settings, 1, settings.seconds / 2));
      const values = {
        ...timesOf(many, single),
        ...(before && after && costBetween(before, after, many.requests)),
      };
      const invalid = await faultOf(running, requestBytes, connections, [many, single]);
      return { values, ...(invalid && { invalid }) };
    },
  };
}

function columnsOf(connections: number): Column[] {
  return [
    { title: "requests/s", value: "rate", digits: 0 },
    { title: `p50 ms @${connections}`, value: "p50", digits: 2 },
    { title: `p99 ms @${connections}`, value: "p99", digits: 2 },
    { title: "p50 µs @1", value: "singleP50", digits: 0 },
    { title: "added p50 µs @1", value: "singleP50", digits: 0, isAdded: true },
    { title: "added p99 µs @1", value: "singleP99", digits: 0, isAdded: true },
    { title: "CPU µs/request", value: "cpu", digits: 1 },
    { title: "RSS MB", value: "resident", digits: 0 },
    { title: "peak MB", value: "peak", digits: 0 },
  ];
}

function timesOf(many: WrkReport, single: WrkReport): Sample["values"] {
  return {
    rate: many.requests / (many.microseconds / 1e6),
    p50: many.p50 / 1000,
    p99: many.p99 / 1000,
    singleP50: single.p50,
    singleP99: single.p99,
  };
}

function urlOf(running: Running): string {
  return `http://127.0.0.1:${running.port}${running.path}`;
}

/** Why a measurement doesn't count: errors under load, or an answer that is not the upstream's. */
async function faultOf(
  running: Running,
  requestBytes: number,
  connections: number,
  reports: WrkReport[],
): Promise<string | undefined> {
  const badStatus = reports.reduce((sum, report) => sum + report.badStatus, 0);
  const socketErrors = reports.reduce((sum, report) => sum + report.socketErrors, 0);
  const answers = await Promise.all(Array.from({ length: connections }, () => probe(running, requestBytes)));
  const sample = answers.find((answer) => answer !== undefined);
  if (badStatus + socketErrors === 0 && sample === undefined) return undefined;
  return `${badStatus} bad statuses, ${socketErrors} socket errors; sample: ${sample ?? "(it answered well afterwards)"}`;
}

/** One call; gives what is wrong with its answer. */
async function probe(running: Running, requestBytes: number): Promise<string | undefined> {
  const body = requestBody({ model: running.model, bytes: requestBytes });
  const headers = { ...running.headers, "content-type": "application/json" };
  const response = await fetch(urlOf(running), { method: "POST", headers, body });
  const text = await response.text();
  if (response.ok && text.includes(WHOLE_TEXT)) return undefined;
  return `${response.status} ${text.slice(0, 300)}`;
}
