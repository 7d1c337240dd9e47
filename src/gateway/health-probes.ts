import { asGatewayError, type GatewayError } from "../model/gateway-error.ts";
import type { Route, Snapshot, Target, Upstream } from "../model/snapshot.ts";
import { effectOf } from "../routing/health/failure-effect.ts";
import { targetOf } from "../routing/target.ts";
import { askModelList } from "./ask-model-list.ts";
import type { Parts } from "./parts.ts";

/** How often it is looked whose turn has come. */
const LOOK_MS = 250;
/** A list that takes longer does not come. */
const LIMIT_MS = 5_000;
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

type ProbesParts = Pick<Parts, "snapshot" | "routing" | "dialects" | "egress" | "ticker" | "telemetry">;

/**
 * Asks the providers of routes, each with each of its credentials, now and then for the list of their models, where
 * `routing.health.probe_every_ms` says so: it costs nothing, so that a provider is known to be gone before a call finds
 * out, and no call is put at risk to learn that it is still gone. That a list came says less than that an answer did:
 * it lets the next call try a target that is out, and never makes it well.
 */
export class HealthProbes {
  readonly #parts: ProbesParts;
  /** By name, when its next turn comes. */
  readonly #dueMs = new Map<string, number>();
  readonly #unreached = new Set<string>();
  readonly #probed = new WeakMap<Snapshot, readonly Probed[]>();
  #underWay = 0;
  #timer: Timer | undefined;

  constructor(parts: ProbesParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const snapshot = this.#parts.snapshot();
    const { probeEveryMs } = snapshot.routing.health;
    if (probeEveryMs === undefined) return;
    const nowMs = this.#parts.routing.clock();
    for (const probed of this.#probedOf(snapshot)) {
      if (this.#underWay >= MOST_AT_ONCE) return;
      if (nowMs < (this.#dueMs.get(probed.name) ?? 0)) continue;
      // Its next turn is counted from its end; until then it has none.
      this.#dueMs.set(probed.name, Number.POSITIVE_INFINITY);
      void this.#probe(probed, snapshot.limits.answerBytes, probeEveryMs);
    }
  }

  async #probe({ name, upstream, targets }: Probed, limitBytes: number, everyMs: number): Promise<void> {
    this.#underWay++;
    const failure = await askModelList(upstream, limitBytes, { ...this.#parts, limitMs: LIMIT_MS }).then(
      () => undefined,
      (thrown: unknown) => asGatewayError(thrown),
    );
    this.#underWay--;
    const { routing } = this.#parts;
    const nowMs = routing.clock();
    this.#dueMs.set(name, nowMs + everyMs);
    // A credential that may not list models may be good for calls.
    const isReached = effectOf(failure) !== "failed";
    const knownAnewMs = nowMs + everyMs + LATE_MS + LIMIT_MS;
    for (const target of targets) routing.targets.of(target).breaker.probed(isReached, nowMs, knownAnewMs);
    this.#tell(name, upstream, isReached, failure);
  }

  #tell(name: string, { provider }: Upstream, isReached: boolean, failure: GatewayError | undefined): void {
    const { metrics, log } = this.#parts.telemetry;
    metrics.probed(provider, isReached);
    if (isReached === !this.#unreached.has(name)) return;
    if (isReached) {
      this.#unreached.delete(name);
      log.info({ provider }, "provider reached again by a probe");
    } else {
      this.#unreached.add(name);
      log.warn(
        { provider, code: failure?.code, because: failure?.message },
        "provider not reached by a probe",
      );
    }
  }

  #probedOf(snapshot: Snapshot): readonly Probed[] {
    const known = this.#probed.get(snapshot);
    if (known !== undefined) return known;
    const probed = probedIn(snapshot);
    this.#probed.set(snapshot, probed);
    return probed;
  }
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

function targetsOf({ targets, arms }: Route): readonly Target[] {
  const ways = arms === undefined ? [targets] : arms.arms.map(({ route }) => route.targets);
  return ways.flat().map(({ target }) => target);
}
