import { providers } from "../../providers/catalog.ts";
import type { ConfigurationControl } from "./configuration-control.ts";

/** Where a provider is: as it is served, else where the vendor has it. */
export function usualOrigin(
  id: string,
  { originOf }: Pick<ConfigurationControl, "originOf">,
): { readonly isKnown: boolean; readonly origin: string | undefined } {
  const builtIn = providers.get(id);
  const served = originOf(id);
  // An address that depends on a region or a name is none yet.
  const vendors = builtIn === undefined ? undefined : URL.parse(builtIn.baseUrl)?.origin;
  return { isKnown: served !== undefined || builtIn !== undefined, origin: served ?? vendors };
}
