import { type HostGuard, hostGuard } from "../../server/guards/host.ts";
import { type OriginGuard, originGuard } from "../../server/guards/origin.ts";
import type { Settings } from "../configuration/load-settings.ts";

/** The listener's guards, which outlive a revision: what they trust is as the one in force says. */
export class CurrentGuards {
  #host: HostGuard = () => {};
  #origin: OriginGuard;

  constructor(settings: Settings) {
    this.#origin = originGuard(settings.configuration.server.cors);
    this.use(settings);
  }

  readonly host: HostGuard = (headers) => this.#host(headers);

  readonly origin: OriginGuard = {
    check: (headers) => this.#origin.check(headers),
    preflight: (headers, methods) => this.#origin.preflight(headers, methods),
  };

  /** Trusts what these settings trust, from now on. */
  use({ configuration }: Settings): void {
    this.#host = hostGuard(configuration.server.trusted_hosts);
    this.#origin = originGuard(configuration.server.cors);
  }
}
