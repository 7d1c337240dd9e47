import { dirname, resolve } from "node:path";
import type { Environment } from "../../config/expand-references.ts";
import { loadConfiguration } from "../../config/load-configuration.ts";
import type { Origins } from "../../config/origin.ts";
import { type Problem, sortProblems } from "../../config/problem.ts";
import type { Dialect } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { Provider } from "../../model/provider.ts";
import { type ActiveProvider, activeProviders } from "./active-providers.ts";
import { addressProblems } from "./address-problems.ts";
import { configurationRules } from "./configuration-rules.ts";
import { type ConfigurationText, findConfigurationText, USUAL_FILE } from "./configuration-text.ts";
import {
  type EnvironmentOverrides,
  environmentOverrides,
  environmentProblem,
} from "./environment-overrides.ts";
import { keyProblems } from "./key-problems.ts";
import { NO_SECRETS, type ProviderSecrets } from "./provider-secrets.ts";
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
  /** The configuration, in place of what the file holds. */
  readonly text?: ConfigurationText;
  /** What was entered for providers and is not written; absent: nothing. */
  readonly secrets?: ProviderSecrets;
}

/** Everything that was set, wherever: the configuration with the environment's overrides, and whom it serves. */
export interface Settings {
  readonly configuration: Configuration;
  /** The configuration file, absent where there is none. */
  readonly file?: string;
  /** What the configuration is called where it is not what the file holds: its revision. */
  readonly label?: string;
  readonly dataFolder: string;
  readonly providers: readonly ActiveProvider[];
  /** What the environment says over the file. */
  readonly overrides: Pick<EnvironmentOverrides, "host" | "port">;
  /** Where each value that isn't written in the configuration itself came from. */
  readonly origins: Origins;
}

/** The settings, or everything that is wrong with them. */
export type SettingsResult = { readonly settings: Settings } | { readonly problems: readonly Problem[] };

/** Finds, reads and judges the configuration and what the environment says over it. */
export function loadSettings(request: SettingsRequest): SettingsResult {
  const { environment, catalog, dialects, secrets = NO_SECRETS } = request;
  const overrides = environmentOverrides(environment);
  const found = request.text ?? findConfigurationText(request, overrides);
  if ("problem" in found) return { problems: [...overrides.problems, found.problem] };
  const sources = {
    secrets,
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
    file: found.label ?? file,
    folder: dirname(resolve(request.folder, file)),
    environment,
    readFile: request.readFile,
    rules: configurationRules({ ...sources, catalog, ...overrides }),
  });
  if ("problems" in loaded) {
    const isWritten = found.file !== undefined || found.label !== undefined;
    const problems = isWritten ? loaded.problems : loaded.problems.map(withoutFile);
    return { problems: sortProblems([...usual, ...problems]) };
  }
  if (usual.length > 0) return { problems: usual };
  const configuration = withOverrides(loaded.configuration, overrides);
  return {
    settings: {
      configuration,
      ...(found.file === undefined ? {} : { file: found.file }),
      ...(found.label === undefined ? {} : { label: found.label }),
      dataFolder: resolve(request.folder, overrides.dataFolder),
      providers: activeProviders(configuration, { ...sources, catalog, origins: loaded.origins }),
      overrides,
      origins: loaded.origins,
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
