import { adminKeys } from "./admin-keys.ts";
import { alerts } from "./alerts.ts";
import { audit } from "./audit.ts";
import { budgets } from "./budgets.ts";
import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { config } from "./config.ts";
import { keys } from "./keys.ts";
import { masterKey } from "./master-key.ts";
import { models } from "./models.ts";
import { priceOverrides } from "./price-overrides.ts";
import { prices } from "./prices.ts";
import { projects } from "./projects.ts";
import { providers } from "./providers.ts";
import { requests } from "./requests.ts";
import { serve } from "./serve.ts";
import { simulate } from "./simulate.ts";
import { usage } from "./usage.ts";

/** Every command. A new one adds its file and its line here. */
export const commands: readonly Command[] = [
  serve,
  projects,
  keys,
  adminKeys,
  budgets,
  config,
  simulate,
  check,
  models,
  usage,
  requests,
  prices,
  priceOverrides,
  providers,
  masterKey,
  alerts,
  audit,
];
