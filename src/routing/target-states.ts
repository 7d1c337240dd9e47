import type { HealthSettings } from "../model/route-settings.ts";
import type { Target } from "../model/snapshot.ts";
import { CredentialState } from "./health/credential-state.ts";
import { LearntTarget } from "./learnt/learnt-target.ts";
import { hashShare } from "./rendezvous.ts";
import { TargetState } from "./target-state.ts";

/** Where it is kept how targets are. */
export interface TargetStates {
  /** How a target is; begun anew for one that was never called. */
  of(target: Target): TargetState;
}

/** Names of models may come from requests, so what is kept of them has a bound. */
const MAX_KEPT = 5_000;

/**
 * Kept in this thread. States go by names, not by the objects of one configuration: what was learnt outlives a change of
 * it. Where several processes are to know the same, this is the one place to change.
 */
export class LocalTargetStates implements TargetStates {
  readonly #health: () => HealthSettings;
  readonly #states = new Map<string, TargetState>();
  readonly #learnt = new Map<string, LearntTarget>();
  readonly #credentials = new Map<string, CredentialState>();
  readonly #byTarget = new WeakMap<Target, TargetState>();

  /** `health` gives the settings in force. */
  constructor(health: () => HealthSettings) {
    this.#health = health;
  }

  of(target: Target): TargetState {
    return this.#byTarget.get(target) ?? this.#find(target);
  }

  #find(target: Target): TargetState {
    const { provider, credentialName = "", credential, maxInFlight } = target.upstream;
    const name = `${credentialName}\n${target.name}`;
    const state = this.#states.get(name) ?? this.#make(name, target, `${credentialName}\n${provider}`);
    state.credential.configure(credential, maxInFlight);
    this.#byTarget.set(target, state);
    return state;
  }

  #make(name: string, target: Target, credentialKey: string): TargetState {
    this.#makeRoom();
    const learnt = this.#learnt.get(target.name) ?? new LearntTarget();
    const credential = this.#credentials.get(credentialKey) ?? new CredentialState();
    this.#learnt.set(target.name, learnt);
    this.#credentials.set(credentialKey, credential);
    const chance = (nowMs: number): number => hashShare(`${name}\n${Math.floor(nowMs)}`);
    const state = new TargetState({ learnt, credential }, this.#health, chance);
    this.#states.set(name, state);
    return state;
  }

  /** Only what has no call now may go: the longest known first. */
  #makeRoom(): void {
    if (this.#states.size < MAX_KEPT) return;
    for (const [name, { learnt }] of this.#states) {
      if (learnt.inFlight > 0) continue;
      this.#states.delete(name);
      this.#learnt.delete(name.slice(name.indexOf("\n") + 1));
      return;
    }
  }
}
