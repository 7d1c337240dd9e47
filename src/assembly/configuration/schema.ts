import { z } from "zod";
import type { Dialect } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import { alertsSection } from "./alerts-section.ts";
import {
  ledgerSection,
  limitsSection,
  logSection,
  streamSection,
  timeoutsSection,
} from "./bounds-sections.ts";
import { egressSection } from "./egress-section.ts";
import { text } from "./fields.ts";
import { pricesSection } from "./price-section.ts";
import { providersSection } from "./provider-section.ts";
import { routesSection, translationMode } from "./route-section.ts";
import { routingSection } from "./routing-section.ts";
import { serverSection } from "./server-section.ts";

const defaultModel = text({
  description:
    "Model for calls of /generate that name neither provider nor model: `provider/model` or a route's alias",
  mend: "Write `provider/model`, or the alias of a route.",
  rules: [["must not hold spaces", (name) => !/\s/.test(name)]],
});

/** The schema of `gatehouse.yaml`, given the dialects that there are. */
export function configurationSchema(dialects: ReadonlyMap<DialectId, Dialect>) {
  const upstream = [...dialects.values()].filter((dialect) => dialect.upstream !== undefined);
  return z
    .strictObject({
      server: serverSection.prefault({}),
      limits: limitsSection.prefault({}),
      timeouts: timeoutsSection.prefault({}),
      stream: streamSection.prefault({}),
      ledger: ledgerSection.prefault({}),
      egress: egressSection.prefault({}),
      log: logSection.prefault({}),
      alerts: alertsSection.prefault({}),
      default_model: defaultModel.optional(),
      providers: providersSection(upstream.map(({ id }) => id)).default({}),
      routes: routesSection.default({}),
      routing: routingSection.prefault({}),
      translation: translationMode.default("warn"),
      prices: pricesSection.default({}),
    })
    .describe("The configuration of Gatehouse");
}

/** The schema of `gatehouse.yaml`. */
export type ConfigurationSchema = ReturnType<typeof configurationSchema>;

/** A configuration as written, validated, defaults filled in. */
export type Configuration = z.output<ConfigurationSchema>;
