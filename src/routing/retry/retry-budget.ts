import type { RetryBudgetSettings } from "../../model/route-settings.ts";
import { CallWindow } from "./call-window.ts";

const WINDOW_MS = 10_000;

/**
 * Bounds the calls upstream that one route makes beyond its clients' calls. When everything fails, retries help nobody
 * and keep a provider down that would get up: they stay below a share of the calls of the last ten seconds, plus a floor
 * for routes with few.
 */
export class RetryBudget {
  readonly #settings: () => RetryBudgetSettings;
  readonly #window = new CallWindow(WINDOW_MS);

  /** `settings` gives those in force: a configuration may change them. */
  constructor(settings: () => RetryBudgetSettings) {
    this.#settings = settings;
  }

  /** A client's call begins. */
  called(nowMs: number): void {
    this.#window.called(nowMs);
  }

  /** Takes one retry, if there is one. */
  take(nowMs: number): boolean {
    const { percent, floor } = this.#settings();
    return this.#window.take(percent / 100, floor, nowMs);
  }
}
