import type { ComparedText } from "../../config/line-difference.ts";
import type { Problem } from "../../config/problem.ts";
import type { RevisionStore } from "./revision-store.ts";
import type { SecretStore } from "./secret-store.ts";

/** What is in force, and what is not. */
export interface ConfigurationState {
  /** The revision in force; undefined before the first start. */
  readonly number: number | undefined;
  /** The configuration file, whether or not there is one. */
  readonly file: string;
  /** What keeps the file, or the newest revision, from being in force. */
  readonly problems: readonly Problem[];
  /** Settings that were changed and take effect at the next start only. */
  readonly needsRestart: readonly string[];
}

/** Secrets as they would be: entered beside what is stored, or taken away from it. */
export interface SecretChange {
  readonly provider: string;
  readonly origin: string;
  /** Undefined to take it away. */
  readonly secret: string | undefined;
}

/** How a text is judged. */
export interface JudgeOptions {
  /** It comes over the network: some changes are refused then. */
  readonly isRemote: boolean;
  readonly secret?: SecretChange | undefined;
}

/** The configuration as administration handles it. */
export interface ConfigurationControl {
  readonly revisions: RevisionStore;
  readonly secrets: SecretStore;
  state(): Promise<ConfigurationState>;
  /** Everything that would keep a text from running in this process. */
  judge(text: string, options: JudgeOptions): Promise<readonly Problem[]>;
  /** Where a provider is that is served; undefined for another. */
  originOf(provider: string): string | undefined;
  /** A text by line, as it is and with its secrets masked. */
  compared(text: string): ComparedText;
}
