import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { config } from "./config.ts";
import { keys } from "./keys.ts";
import { models } from "./models.ts";
import { prices } from "./prices.ts";
import { serve } from "./serve.ts";
import { usage } from "./usage.ts";

/** Every command. A new one adds its file and its line here. */
export const commands: readonly Command[] = [serve, keys, config, check, models, prices, usage];
