import { compileUpstream } from "../../src/assembly/compile/upstream.ts";
import { loadSettings } from "../../src/assembly/configuration/load-settings.ts";
import { dialects } from "../../src/dialects/index.ts";
import type { Provider } from "../../src/model/provider.ts";
import type { Target, Upstream } from "../../src/model/snapshot.ts";
import { providers } from "../../src/providers/catalog.ts";
import { targetOf } from "../../src/routing/target.ts";

/** The key that each provider is given. */
export const keyOf = ({ id }: Provider): string => `key-of-${id}`;

/** The environment of somebody who has a key for this provider, and a server where it is one of one's own. */
export function environmentOf(provider: Provider): Record<string, string> {
  const { keyVariables, addressVariables = [], options = {}, baseUrl } = provider;
  const [keyVariable] = keyVariables;
  const [addressVariable] = addressVariables;
  return {
    ...(keyVariable === undefined ? {} : { [keyVariable]: keyOf(provider) }),
    ...(addressVariable === undefined ? {} : { [addressVariable]: new URL(baseUrl).host }),
    ...Object.fromEntries(
      Object.entries(options).flatMap(
        ([
          name,
          {
            variables: [variable],
          },
        ]) => (variable === undefined ? [] : [[variable, `my-${name.replace("_", "-")}`]]),
      ),
    ),
  };
}

/** A provider as it is compiled where its usual variables are set; undefined where that is not enough. */
export function compiled(provider: Provider): Upstream | undefined {
  const result = loadSettings({
    environment: environmentOf(provider),
    catalog: providers,
    dialects,
    readFile: () => {
      throw Object.assign(new Error("no file"), { code: "ENOENT" });
    },
    folder: "/nowhere",
  });
  if ("problems" in result) return undefined;
  const { providers: active, configuration } = result.settings;
  const found = active.find(({ id }) => id === provider.id);
  return (
    found && compileUpstream(found, { timeouts: configuration.timeouts, allowedOrigins: new Set() }, dialects)
  );
}

/** Its default model, or any name where it has none. */
export function targetFor(provider: Provider, upstream: Upstream): Target {
  return targetOf(upstream, provider.defaultModel ?? "any-model");
}
