/** How many calls are in flight to each provider. */
export class UpstreamCalls {
  readonly #inFlight = new Map<string, number>();

  begin(provider: string): void {
    this.#inFlight.set(provider, (this.#inFlight.get(provider) ?? 0) + 1);
  }

  end(provider: string): void {
    this.#inFlight.set(provider, (this.#inFlight.get(provider) ?? 1) - 1);
  }

  entries(): Iterable<readonly [provider: string, calls: number]> {
    return this.#inFlight.entries();
  }
}
