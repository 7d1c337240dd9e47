import type { Feature, Loss } from "../../model/loss.ts";

/** Collects what a request loses on its way into another dialect: each member once, however often it stands there. */
export class Losses {
  readonly #losses = new Map<string, Loss>();

  /** `field` is the client's own name of the member, where the feature has no fixed one. */
  add(feature: Feature, done: string, field?: string): void {
    const key = `${feature} ${field ?? ""}`;
    if (!this.#losses.has(key))
      this.#losses.set(key, { feature, done, ...(field === undefined ? {} : { field }) });
  }

  list(): readonly Loss[] {
    return [...this.#losses.values()];
  }
}
