import { asGatewayError, type GatewayError } from "../model/gateway-error.ts";
import type { Route, Snapshot, Target, Upstream } from "../model/snapshot.ts";
import { waysOf } from "../routing/arms.ts";
import { effectOf } from "../routing/health/failure-effect.ts";
import { targetOf } from "../routing/target.ts";
import { askModelList } from "./ask-model-list.ts";
import type { Parts } from "./parts.ts";

/** How often it is looked whose turn has come. */
const LOOK_MS = 250;
/** A list that takes longer does not come. */
const LIMIT_MS = 5_000;
/** Of a list so much is read: some are megabytes, and that it comes is all that is asked. */
const LIST_BYTES = 65_536;
/** What may lie between a turn that has come and its probe. */
const LATE_MS = 2_000;
/** Providers asked at once; the others' turn comes a moment later. */
const MOST_AT_ONCE = 16;

/** A provider with one credential, and the targets of routes that stand or fall with it. */
interface Probed {
  readonly name: string;
  readonly upstream: Upstream;
  readonly targets: Set<Target>;
}

/** A provider that is probed, and how its probes went so far. */
interface Turns {
  readonly probed: Probed;
  isUnderWay: boolean;
  /** When the last probe ended, on routing's clock; 0 before the first. */
  endedMs: number;
  isReached: boolean;
}

type ProbesParts = Pick<Parts, "snapshot" | "routing" | "dialects" | "egress" | "ticker" | "telemetry">;

/**
 * Asks the providers of routes, each with each of its credentials, now and then for the list of their models, where
 * `routing.health.probe_every_ms` says so: it costs nothing, so that a provider is known to be gone before a call finds
 * out, and no call is put at risk to learn that it is still gone. That a list came says less than that an answer did:
 * it lets the next call try a target that is out, and never makes it well.
 */
export class HealthProbes {
  readonly #parts: ProbesParts;
  /** Those of the configuration in force, by name. */
  #turns: ReadonlyMap<string, Turns> = new Map();
  #snapshot: Snapshot | undefined;
  #underWay = 0;
  #timer: Timer | undefined;

  constructor(parts: ProbesParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
  }

  /** What is under way comes to nothing. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#turns = new Map();
    this.#snapshot = undefined;
  }

  /** Probes those whose turn has come; who has waited longest comes first. */
  #look(): void {
    const snapshot = this.#parts.snapshot();
    if (snapshot !== this.#snapshot) this.#follow(snapshot);
    if (snapshot.routing.health.probeEveryMs === undefined) return;
    const nowMs = this.#parts.routing.clock();
    const due = [...this.#turns.values()].filter(
      ({ isUnderWay, endedMs, isReached }) =>
        !isUnderWay && nowMs >= endedMs + untilNextMs(snapshot, isReached),
    );
    due.sort((one, other) => one.endedMs - other.endedMs);
    for (const turns of due.slice(0, MOST_AT_ONCE - this.#underWay)) void this.#probe(turns, snapshot);
  }

  /**
   * A configuration has come into force: what is not in it is forgotten, and what is keeps its turn. Who was not reached
   * may have been written wrong, and is asked at once.
   */
  #follow(snapshot: Snapshot): void {
    const before = this.#turns;
    this.#turns = new Map(
      probedIn(snapshot).map((probed) => {
        const { endedMs = 0, isReached = true } = before.get(probed.name) ?? {};
        return [probed.name, { probed, isUnderWay: false, endedMs: isReached ? endedMs : 0, isReached }];
      }),
    );
    this.#snapshot = snapshot;
  }

  async #probe(turns: Turns, snapshot: Snapshot): Promise<void> {
    const { answerBytes } = snapshot.limits;
    turns.isUnderWay = true;
    this.#underWay++;
    const asking = { ...this.#parts, limitMs: LIMIT_MS, listBytes: LIST_BYTES };
    const failure = await askModelList(turns.probed.upstream, answerBytes, asking).then(
      () => undefined,
      (thrown: unknown) => asGatewayError(thrown),
    );
    this.#underWay--;
    turns.isUnderWay = false;
    // What a configuration of before led to says nothing of this one.
    if (this.#turns.get(turns.probed.name) === turns && this.#parts.snapshot() === snapshot)
      this.#ended(turns, snapshot, failure);
  }

  #ended(turns: Turns, snapshot: Snapshot, failure: GatewayError | undefined): void {
    const { routing } = this.#parts;
    const nowMs = routing.clock();
    turns.endedMs = nowMs;
    const isReached = wasReached(failure);
    const knownAnewMs = nowMs + untilNextMs(snapshot, false) + LATE_MS + LIMIT_MS;
    for (const target of turns.probed.targets)
      routing.targets.of(target).breaker.probed(isReached, nowMs, knownAnewMs);
    this.#tell(turns, isReached, failure);
  }

  #tell(turns: Turns, isReached: boolean, failure: GatewayError | undefined): void {
    const { metrics, log } = this.#parts.telemetry;
    const { provider, credentialName: credential } = turns.probed.upstream;
    metrics.probed(provider, isReached);
    if (isReached === turns.isReached) return;
    turns.isReached = isReached;
    const whom = { provider, ...(credential !== undefined && { credential }) };
    if (isReached) log.info(whom, "provider reached again by a probe");
    else
      log.warn(
        { ...whom, code: failure?.code, because: failure?.message },
        "provider not reached by a probe",
      );
  }
}

/** No target is out for long without a look at it, so that one probe that fails costs no more than a call that does. */
function untilNextMs({ routing }: Snapshot, isReached: boolean): number {
  const { probeEveryMs = Number.POSITIVE_INFINITY, maxOpenMs } = routing.health;
  return isReached ? probeEveryMs : Math.min(probeEveryMs, maxOpenMs);
}

/**
 * A credential that may not list models may be good for calls, and so may a provider whose list is elsewhere or is no
 * list: a target that can serve must not be kept out for it.
 */
function wasReached(failure: GatewayError | undefined): boolean {
  return effectOf(failure) !== "failed" || failure?.errorClass === "invalid_answer";
}

function probedIn({ routes }: Snapshot): readonly Probed[] {
  const byName = new Map<string, Probed>();
  for (const target of [...routes.values()].flatMap(targetsOf)) {
    for (const upstream of target.upstream.pool ?? [target.upstream]) {
      if (upstream.modelList === undefined || upstream.local !== undefined) continue;
      const name = `${upstream.provider}\n${upstream.credentialName ?? ""}`;
      const probed = byName.get(name) ?? { name, upstream, targets: new Set() };
      probed.targets.add(targetOf(upstream, target.model));
      byName.set(name, probed);
    }
  }
  return [...byName.values()];
}

function targetsOf(route: Route): readonly Target[] {
  return waysOf(route).flatMap(({ targets }) => targets.map(({ target }) => target));
}
