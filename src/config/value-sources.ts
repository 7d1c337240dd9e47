import type { Environment } from "./expand-references.ts";

/** What a configuration's values may refer to. */
export interface ValueSources {
  readonly environment: Environment;
  /** Reads a file by a path that is relative to the configuration's own. Throws where it can't. */
  readonly readFile: (path: string) => string;
}
