import type { GatewayError } from "../../model/gateway-error.ts";
import type { StreamEvent } from "../../model/stream-event.ts";

/** The events that one chunk comes to, gathered while it is read. */
export class ArrivingEvents {
  #events: StreamEvent[] = [];
  #failure: GatewayError | undefined;
  #hasFailed = false;

  /** True once a failure was noted. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Adds an event. Bound, so that it can be handed on. */
  readonly add = (event: StreamEvent): void => {
    this.#events.push(event);
  };

  /** Notes that the answer came to nothing. Told once, behind all that its chunk says: usage is billed all the same. */
  fail(failure: GatewayError): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failure = failure;
  }

  /** All since the last time. */
  take(): readonly StreamEvent[] {
    const events = this.#events;
    if (this.#failure !== undefined) events.push({ type: "error", error: this.#failure });
    this.#failure = undefined;
    this.#events = [];
    return events;
  }
}
