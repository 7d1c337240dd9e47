import type { Environment } from "../../config/expand-references.ts";
import type { Provider } from "../../model/provider.ts";

/** What the rules across fields know beside the configuration itself. */
export interface RuleContext {
  readonly environment: Environment;
  /** The address to listen on, where the environment says it. */
  readonly host?: string;
  /** The built-in providers. */
  readonly catalog: ReadonlyMap<string, Provider>;
}
