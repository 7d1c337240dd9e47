import { dirname, resolve } from "node:path";
import type { Environment } from "../../config/expand-references.ts";
import { loadConfiguration } from "../../config/load-configuration.ts";
import { type Problem, sortProblems } from "../../config/problem.ts";
import type { Dialect } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { Provider } from "../../model/provider.ts";
import { type ActiveProvider, activeProviders } from "./active-providers.ts";
import { addressProblems } from "./address-problems.ts";
import { configurationRules } from "./configuration-rules.ts";
import { findConfigurationText, USUAL_FILE } from "./configuration-text.ts";
import {
  type EnvironmentOverrides,
  environmentOverrides,
  environmentProblem,
} from "./environment-overrides.ts";
import { keyProblems } from "./key-problems.ts";
import { type Configuration, configurationSchema } from "./schema.ts";

/** What the settings are made of. */
export interface SettingsRequest {
  readonly environment: Environment;
  readonly catalog: ReadonlyMap<string, Provider>;
  readonly dialects: ReadonlyMap<DialectId, Dialect>;
  /** Reads a text file. Throws where it can't, with the system's `code`. */
  readonly readFile: (path: string) => string;
  /** Paths are relative to it. */
  readonly folder: string;
  /** The configuration file, over what the environment says. */
  readonly file?: string;
}

/** Everything that was set, wherever: the configuration with the environment's overrides, and whom it serves. */
export interface Settings {
  readonly configuration: Configuration;
  /** The configuration file, absent where there is none. */
  readonly file?: string;
  readonly dataFolder: string;
  readonly providers: readonly ActiveProvider[];
  /** What the environment says over the file. */
  readonly overrides: Pick<EnvironmentOverrides, "host" | "port">;
}

/** The settings, or everything that is wrong with them. */
export type SettingsResult = { readonly settings: Settings } | { readonly problems: readonly Problem[] };

/** Finds, reads and judges the configuration and what the environment says over it. */
export function loadSettings(request: SettingsRequest): SettingsResult {
  const { environment, catalog, dialects } = request;
  const overrides = environmentOverrides(environment);
  const found = findConfigurationText(request, overrides);
  if ("problem" in found) return { problems: [...overrides.problems, found.problem] };
  const sources = {
    environment,
    readFile: (path: string) => request.readFile(resolve(request.folder, path)),
  };
  const usual = [
    ...overrides.problems,
    ...keyProblems(catalog, sources),
    ...addressProblems(catalog, environment),
  ];
  const file = found.file ?? USUAL_FILE;
  const loaded = loadConfiguration({
    schema: configurationSchema(dialects),
    text: found.text,
    file,
    folder: dirname(resolve(request.folder, file)),
    environment,
    readFile: request.readFile,
    rules: configurationRules({ ...sources, catalog, ...overrides }),
  });
  if ("problems" in loaded) {
    const problems = found.file === undefined ? loaded.problems.map(withoutFile) : loaded.problems;
    return { problems: sortProblems([...usual, ...problems]) };
  }
  if (usual.length > 0) return { problems: usual };
  const configuration = withOverrides(loaded.configuration, overrides);
  return {
    settings: {
      configuration,
      ...(found.file === undefined ? {} : { file: found.file }),
      dataFolder: resolve(request.folder, overrides.dataFolder),
      providers: activeProviders(configuration, { ...sources, catalog, origins: loaded.origins }),
      overrides,
    },
  };
}

/** With no file, whatever is wrong was said by the environment. */
function withoutFile({ path, message, mend }: Problem): Problem {
  return environmentProblem(path, { message, mend });
}

function withOverrides(configuration: Configuration, { host, port }: EnvironmentOverrides): Configuration {
  const { server } = configuration;
  return { ...configuration, server: { ...server, host: host ?? server.host, port: port ?? server.port } };
}
