/** Sees to it that nginx, wrk and taskset are there, and reads the facts of this machine. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Installs nginx and wrk from the distribution when they are missing; throws with the way to mend it. */
export function ensureTools(): void {
  const missing = ["nginx", "wrk"].filter((tool) => !Bun.which(tool));
  if (missing.length > 0) install(missing);
  if (!Bun.which("taskset")) throw new Error("taskset is missing: apt-get install -y util-linux");
  if (availableParallelism() < 2)
    throw new Error("the bench needs 2 cores: one for the contender, one for the load");
}

function install(missing: string[]): void {
  console.error(`bench: installing ${missing.join(" and ")} with apt-get...`);
  const script = `apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ${missing.join(" ")}`;
  const result = Bun.spawnSync(["sh", "-c", script]);
  if (result.success && missing.every((tool) => Bun.which(tool))) return;
  throw new Error(
    `${missing.join(" and ")} missing and apt-get could not install it (are you root, is there a network?). ` +
      `Do it by hand: sudo apt-get update && sudo apt-get install -y ${missing.join(" ")}\n${result.stderr}`,
  );
}

/** How many files one process may open, after raising the soft limit to the hard one. */
export function openFileLimit(): number {
  const text = Bun.spawnSync(["sh", "-c", "ulimit -Hn"]).stdout.toString().trim();
  return text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text);
}

/** Time that the host took from this virtual machine, and all time, over all cores, in ticks since its start. */
export function stolenTime(): { stolen: number; total: number } {
  const line = /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? "";
  const ticks = line.split(" ").slice(0, 8).map(Number);
  return { stolen: ticks[7] ?? 0, total: ticks.reduce((sum, value) => sum + value, 0) };
}

/** What a reader must know of the machine to judge the numbers; no host name, no path. */
export function machineFacts(): string[] {
  const model = /model name\s*:\s*(.+)/.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "unknown CPU";
  const kilobytes = Number(/MemTotal:\s+(\d+)/.exec(readFileSync("/proc/meminfo", "utf8"))?.[1] ?? 0);
  const nginx = Bun.spawnSync(["nginx", "-v"]).stderr.toString().trim().replace(/^.*: /, "");
  return [
    `${availableParallelism()} cores of ${model}, ${Math.round(kilobytes / 1024 / 1024)} GB of memory`,
    "contender on core 0; load and upstream on core 1; all on loopback",
    `Bun ${Bun.version}, ${nginx}`,
  ];
}
