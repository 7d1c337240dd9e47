import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { BilledTool, Usage } from "../../model/usage.ts";

/** How many calls of each kind were billed; a kind without any is left out. */
export type BilledTools = NonNullable<Usage["billedTools"]>;

/**
 * The kind of an item of a vendor's own tool that is billed by the call: searches of the web and of files
 * (https://platform.openai.com/docs/pricing, "built-in tools"; opening a page that was found is no search). Code runs
 * are billed there by the container and its time, which no answer tells.
 */
export function billedTool(item: JsonObject): BilledTool | undefined {
  if (item["type"] === "file_search_call") return "fileSearch";
  const { action } = item;
  const isSearch = !isJsonObject(action) || action["type"] === "search";
  return item["type"] === "web_search_call" && isSearch ? "webSearch" : undefined;
}

/** The tools with one more call, where the item is a billed one. */
export function withBilled(tools: BilledTools, item: JsonObject): BilledTools {
  const tool = billedTool(item);
  return tool === undefined ? tools : { ...tools, [tool]: (tools[tool] ?? 0) + 1 };
}

/** What the items of a whole answer show. */
export function billedTools(items: readonly JsonObject[]): BilledTools {
  return items.reduce(withBilled, {});
}

/** The number of calls, of whatever kind. */
export function billedCalls(tools: BilledTools): number {
  return Object.values(tools).reduce((sum, calls) => sum + calls, 0);
}
