import type { ModelList } from "../../model/dialect.ts";
import { isJsonObject } from "../../model/json.ts";
import { textOf } from "./members.ts";

/** `{"models": [{"name": "models/…"}]}` (https://ai.google.dev/api/models), as many as a page may have. */
export const modelList: ModelList = Object.freeze({
  path: "/models?pageSize=1000",
  names(body: unknown): readonly string[] | undefined {
    const list = isJsonObject(body) ? body["models"] : undefined;
    if (!Array.isArray(list)) return undefined;
    return list
      .filter(isJsonObject)
      .flatMap((model) => textOf(model, "name")?.replace(/^models\//, "") ?? []);
  },
});
