/** What is measured, in the order of the report. A new workload is one value here. */
import type { Workload } from "./workload.ts";
import { heldStreams } from "./workloads/held-streams.ts";
import { streams } from "./workloads/streams.ts";
import { wholeCall } from "./workloads/whole-call.ts";

export const workloads: readonly Workload[] = [
  wholeCall({ name: "small", requestBytes: 300, connections: 64 }),
  wholeCall({ name: "prompt-100k", requestBytes: 100_000, connections: 16 }),
  wholeCall({ name: "translated-small", requestBytes: 300, connections: 64, isTranslated: true }),
  wholeCall({ name: "routed-small", requestBytes: 300, connections: 64, isRouted: true }),
  streams({ name: "streams-100", streams: 100 }),
  streams({ name: "streams-500", streams: 500 }),
  streams({ name: "translated-streams-500", streams: 500, isTranslated: true }),
  heldStreams({ name: "held-5000", streams: 5000 }),
];
