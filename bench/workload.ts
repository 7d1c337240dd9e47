/** The contract of a workload: how to load a contender once and which numbers that gives. */

import type { Running, Upstream } from "./contenders.ts";
import type { Launched } from "./processes.ts";

/** What holds for the whole run of the bench. */
export interface Settings {
  /** How long one measurement of requests lasts. */
  seconds: number;
  rounds: number;
  /** For temporary files; removed at the end. */
  directory: string;
}

/** The numbers of one measurement by name, and why it doesn't count, if it doesn't. */
export interface Sample {
  values: Record<string, number>;
  invalid?: string;
}

/** One column of a workload's table. */
export interface Column {
  title: string;
  /** The name of the value in `Sample.values`. */
  value: string;
  /** How many digits behind the point. */
  digits: number;
  /** Show what comes on top of `direct`'s value. */
  isAdded?: boolean;
}

/** One way to load a contender. A new one is one value in `workloads.ts`. */
export interface Workload {
  name: string;
  /** What is sent and received, in one line. */
  about: string;
  columns: readonly Column[];
  /** Whether `direct` takes part: where only the process in between is measured, it has nothing to show. */
  includesDirect: boolean;
  /** Where only the gateway can do what is measured. */
  isForGateway?: boolean;
  /** Where the gateway is measured with a route and without. */
  isForRoutes?: boolean;
  /** Measured once instead of in rounds, each contender fresh and alone. */
  isSingle?: boolean;
  startUpstream(settings: Settings): Promise<{ upstream: Upstream; child: Launched }>;
  warmUp(running: Running, settings: Settings): Promise<void>;
  measure(running: Running, settings: Settings, upstream: Upstream): Promise<Sample>;
}
