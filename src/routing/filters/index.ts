import { capability } from "./capability.ts";
import { condition } from "./condition.ts";
import { contextWindow } from "./context-window.ts";
import type { Filter } from "./filter.ts";
import { price } from "./price.ts";
import { provider } from "./provider.ts";
import { region } from "./region.ts";

/** Every filter, the cheap ones first; the first reason found is told. */
export const filters: readonly Filter[] = [provider, region, condition, price, capability, contextWindow];
