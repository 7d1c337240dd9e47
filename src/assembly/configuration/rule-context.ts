import type { Provider } from "../../model/provider.ts";
import type { CredentialSources } from "./provider-credentials.ts";

/** What the rules across fields know beside the configuration itself. */
export interface RuleContext extends CredentialSources {
  /** The address to listen on, where the environment says it. */
  readonly host?: string;
  /** The built-in providers. */
  readonly catalog: ReadonlyMap<string, Provider>;
}
