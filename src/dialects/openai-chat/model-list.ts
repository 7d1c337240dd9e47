import type { ModelList } from "../../model/dialect.ts";
import { isJsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";

/** `{"data": [{"id"}]}` (https://platform.openai.com/docs/api-reference/models/list); Together gives the list alone. */
export const modelList: ModelList = Object.freeze({
  path: "/models",
  names(body: unknown): readonly string[] | undefined {
    const list = isJsonObject(body) ? body["data"] : body;
    if (!Array.isArray(list)) return undefined;
    return list.filter(isJsonObject).flatMap((model) => textMember(model, "id") ?? []);
  },
});
