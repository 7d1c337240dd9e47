/** Runs wrk against a contender and reads its report. */
import { join } from "node:path";
import { LOAD_CORE, runToEnd } from "./processes.ts";

/** What wrk counted; latencies in microseconds. */
export interface WrkReport {
  requests: number;
  microseconds: number;
  p50: number;
  p99: number;
  badStatus: number;
  socketErrors: number;
}

/** Whom to load with what, how hard and for how long. */
export interface WrkOrder {
  url: string;
  headers: Record<string, string>;
  bodyFile: string;
  connections: number;
  seconds: number;
}

/** One run of wrk on the load core. wrk takes whole seconds only. */
export async function wrk(order: WrkOrder): Promise<WrkReport> {
  const headers = Object.entries(order.headers).map(([name, value]) => `${name}: ${value}`);
  const text = await runToEnd({
    command: [
      "wrk",
      "--threads=1",
      `--connections=${order.connections}`,
      `--duration=${Math.max(1, Math.round(order.seconds))}s`,
      "--latency",
      `--script=${join(import.meta.dir, "wrk.lua")}`,
      order.url,
    ],
    core: LOAD_CORE,
    env: { BENCH_BODY_FILE: order.bodyFile, BENCH_HEADERS: headers.join("\n") },
  });
  const json = /^REPORT (.*)$/m.exec(text)?.[1];
  if (!json) throw new Error(`wrk printed no report: ${text.slice(0, 500)}`);
  return JSON.parse(json);
}
