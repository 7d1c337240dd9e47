import { type HostGuard, hostGuard } from "../../server/guards/host.ts";
import { type OriginGuard, originGuard } from "../../server/guards/origin.ts";
import type { Settings } from "../configuration/load-settings.ts";

/** The listener's guards, which outlive a revision: what they trust is as the one in force says. */
export class CurrentGuards {
  readonly #isListed: (origin: string) => boolean;
  readonly #origins = new Set<string>();
  #host: HostGuard;
  #origin: OriginGuard;

  /** `isListed`: whether some policy names an origin. */
  constructor(settings: Settings, isListed: (origin: string) => boolean) {
    this.#isListed = isListed;
    const { trusted_hosts: trusted, cors } = settings.configuration.server;
    this.#host = hostGuard(trusted);
    this.#origin = originGuard(cors, isListed);
    this.use(settings);
  }

  /** The origins of the configuration in force: one set, whose members change. */
  get configuredOrigins(): ReadonlySet<string> {
    return this.#origins;
  }

  readonly host: HostGuard = (headers) => this.#host(headers);

  readonly origin: OriginGuard = {
    check: (...asked) => this.#origin.check(...asked),
    preflight: (...asked) => this.#origin.preflight(...asked),
  };

  /** Trusts what these settings trust, from now on. */
  use({ configuration }: Settings): void {
    const { trusted_hosts: trusted, cors } = configuration.server;
    this.#host = hostGuard(trusted);
    this.#origin = originGuard(cors, this.#isListed);
    this.#origins.clear();
    for (const origin of cors.origins) this.#origins.add(origin);
  }
}
