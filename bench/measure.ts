/** Measures one workload: every contender in turn, round by round, so that drift of the machine hits all alike. */
import { type Contender, direct, gateway, type Running, routedGateway, type Upstream } from "./contenders.ts";
import { stop } from "./processes.ts";
import { stolenTime } from "./tools.ts";
import type { Sample, Settings, Workload } from "./workload.ts";

/** What a workload gave for one contender: medians over the rounds, or why there are none. */
export interface Row {
  contender: string;
  values: Record<string, number>;
  /** Why the row doesn't count. */
  invalid?: string;
}

/** A workload with its rows, in the contenders' order. */
export interface Result {
  workload: Workload;
  rows: Row[];
  /** The share of the machine's time that its host took away meanwhile: how far to trust the numbers. */
  stolenShare: number;
}

interface Participant {
  contender: Contender;
  samples: Sample[];
  running?: Running;
  failure?: string;
}

/** Measures one workload over all its contenders. One that doesn't start gets a row that says why. */
export async function measure(
  workload: Workload,
  contenders: readonly Contender[],
  settings: Settings,
): Promise<Result> {
  const before = stolenTime();
  const { upstream, child } = await workload.startUpstream(settings);
  const participants: Participant[] = contenders
    .filter((contender) => workload.includesDirect || contender !== direct)
    .filter((contender) => workload.isForGateway !== true || contender === gateway)
    .filter((contender) =>
      workload.isForRoutes === true ? isGateway(contender) : contender !== routedGateway,
    )
    .map((contender) => ({ contender, samples: [] }));
  if (workload.isSingle) await measureAlone(workload, participants, settings, upstream);
  else await measureInRounds(workload, participants, settings, upstream);
  await stop(child);
  const after = stolenTime();
  const stolenShare = (after.stolen - before.stolen) / Math.max(1, after.total - before.total);
  return { workload, rows: participants.map(rowOf), stolenShare };
}

function isGateway(contender: Contender): boolean {
  return contender === gateway || contender === routedGateway;
}

async function measureInRounds(
  workload: Workload,
  participants: Participant[],
  settings: Settings,
  upstream: Upstream,
): Promise<void> {
  for (const participant of participants) await begin(participant, upstream);
  // One after another: on a shared core each would have a part of its warm-up only.
  for (const participant of participants) await warmUp(workload, participant, settings);
  for (let round = 0; round < settings.rounds; round++) {
    const order = round % 2 === 0 ? participants : [...participants].reverse();
    for (const participant of order) await take(workload, participant, settings, upstream);
  }
  for (const { running } of participants) await running?.stop();
}

async function measureAlone(
  workload: Workload,
  participants: Participant[],
  settings: Settings,
  upstream: Upstream,
): Promise<void> {
  for (const participant of participants) {
    await begin(participant, upstream);
    await warmUp(workload, participant, settings);
    await take(workload, participant, settings, upstream);
    await participant.running?.stop();
  }
}

async function begin(participant: Participant, upstream: Upstream): Promise<void> {
  try {
    participant.running = await participant.contender.start(upstream);
  } catch (error) {
    participant.failure = `did not start: ${reasonOf(error)}`;
  }
}

/** Nothing is measured here. */
async function warmUp(workload: Workload, participant: Participant, settings: Settings): Promise<void> {
  try {
    if (participant.running) await workload.warmUp(participant.running, settings);
  } catch (error) {
    participant.failure = `failed to warm up: ${reasonOf(error)}`;
  }
}

async function take(
  workload: Workload,
  participant: Participant,
  settings: Settings,
  upstream: Upstream,
): Promise<void> {
  if (!participant.running || participant.failure) return;
  try {
    participant.samples.push(await workload.measure(participant.running, settings, upstream));
  } catch (error) {
    participant.failure = `failed: ${reasonOf(error)}`;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function rowOf({ contender, samples, failure }: Participant): Row {
  const invalid = failure ?? samples.find((sample) => sample.invalid)?.invalid;
  const names = Object.keys(samples[0]?.values ?? {});
  const values = names.map((name) => [name, median(samples.flatMap((sample) => sample.values[name] ?? []))]);
  return { contender: contender.name, values: Object.fromEntries(values), ...(invalid && { invalid }) };
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
