/**
 * What a large ledger costs: `npm run bench:ledger -- [REQUESTS]`. Times every question about usage and requests over a
 * million synthetic requests, and how calls fare while they are asked and while an export runs.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreReader } from "../src/ledger/reader/store-reader.ts";
import { openDatabase } from "../src/storage/open-database.ts";
import { storePath } from "../src/storage/open-sqlite.ts";
import type { Beside } from "./ledger/beside.ts";
import { questions } from "./ledger/questions.ts";
import { type Path, startPath } from "./ledger/request-path.ts";
import { fillStore } from "./ledger/synthetic-rows.ts";

const BAR_MS = 200;
const QUESTION_ROUNDS = 5;
const PATH_ROUNDS = 5;
const SECONDS = 4;
/** Calls come first where cores are scarce; whoever asks may wait. */
const NICE = 10;

const requests = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), "gatehouse-ledger-"));
try {
  const startMs = performance.now();
  await fillStore(folder, requests);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const size = (statSync(storePath(folder)).size / 1024 ** 2).toFixed(0);
  console.log(`${requests} requests and attempts: ${size} MB, written in ${seconds} s\n`);
  await timeQuestions();
  await timePath();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Processor time beside the clock's: the first bears a busy machine. */
async function timeQuestions(): Promise<void> {
  const reader = new StoreReader(openDatabase(storePath(folder), { create: false, checkpoint: false }));
  console.log("| question | median ms | processor ms | under 200 ms |\n| --- | ---: | ---: | --- |");
  for (const { name, isExport, ask } of questions(Date.now())) {
    const walls: number[] = [];
    const spent: number[] = [];
    for (let round = 0; round < QUESTION_ROUNDS; round++) {
      const before = process.cpuUsage();
      const beganMs = performance.now();
      await ask(reader);
      walls.push(performance.now() - beganMs);
      const { user, system } = process.cpuUsage(before);
      spent.push((user + system) / 1000);
    }
    const processor = median(spent);
    const verdict = isExport ? "-" : processor < BAR_MS ? "yes" : "NO";
    console.log(`| ${name} | ${median(walls).toFixed(1)} | ${processor.toFixed(1)} | ${verdict} |`);
  }
  reader.close();
}

/** The conditions follow each other again and again, so that what else the machine does falls on all of them alike. */
async function timePath(): Promise<void> {
  const path = await startPath(folder);
  const conditions: readonly Condition[] = [
    { name: "nothing else", rounds: [] },
    { name: "questions asked", beside: "questions", rounds: [] },
    { name: "an export runs", beside: "export", rounds: [] },
    { name: "another process keeps a core busy", beside: "neighbour", rounds: [] },
  ];
  try {
    await path.load(2);
    for (let round = 0; round < PATH_ROUNDS; round++)
      for (const { beside, rounds } of conditions) rounds.push(await loaded(path, beside));
  } finally {
    await path.stop();
  }
  const [base, ...others] = conditions.map(({ name, rounds }) => ({
    name,
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
    serving: median(rounds.map(({ serving }) => serving)),
  }));
  if (base === undefined) return;
  console.log("\n| calls while | p50 ms | p99 ms | p50, ratio | p99, ratio | serving thread, % of a core |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const { name, p50, p99, serving } of [base, ...others]) {
    const ratios = [p50 / base.p50, p99 / base.p99].map((ratio) => ratio.toFixed(2)).join(" | ");
    console.log(`| ${name} | ${p50.toFixed(2)} | ${p99.toFixed(2)} | ${ratios} | ${serving.toFixed(1)} |`);
  }
}

interface Condition {
  readonly name: string;
  readonly beside?: Beside;
  readonly rounds: Round[];
}

interface Round {
  readonly p50: number;
  readonly p99: number;
  /** How much of a core the thread took that serves calls, in percent: it bears a busy machine. */
  readonly serving: number;
}

/** The calls' durations while something goes on all the time. */
async function loaded(path: Path, beside: Beside | undefined): Promise<Round> {
  if (beside === undefined) return loadRound(path);
  const { url, adminKey, load } = path;
  const script = join(import.meta.dir, "ledger/beside.ts");
  const child = Bun.spawn(["nice", "-n", String(NICE), process.execPath, script, beside, url, adminKey], {
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    await load(0.5);
    const measured = await loadRound(path);
    if (child.exitCode !== null) throw new Error(`what goes on beside ended with ${child.exitCode}`);
    return measured;
  } finally {
    child.kill();
    await child.exited;
  }
}

async function loadRound({ load, servingMs }: Path): Promise<Round> {
  const beganMs = performance.now();
  const before = servingMs();
  const durations = await load(SECONDS);
  const serving = (100 * (servingMs() - before)) / (performance.now() - beganMs);
  return { ...percentiles(durations), serving };
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function percentiles(values: readonly number[]) {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (percent: number) => sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? Number.NaN;
  return { p50: at(50), p99: at(99) };
}
