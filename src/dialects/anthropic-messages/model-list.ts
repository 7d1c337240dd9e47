import type { ModelList } from "../../model/dialect.ts";
import { isJsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";

/** The longest page that there is (https://platform.claude.com/docs/en/api/models-list). */
export const modelList: ModelList = Object.freeze({
  path: "/models?limit=1000",
  names(body: unknown): readonly string[] | undefined {
    const list = isJsonObject(body) ? body["data"] : undefined;
    if (!Array.isArray(list)) return undefined;
    return list.filter(isJsonObject).flatMap((model) => textMember(model, "id") ?? []);
  },
});
