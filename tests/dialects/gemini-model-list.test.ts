import { expect, test } from "bun:test";
import { modelList } from "../../src/dialects/gemini/model-list.ts";

test("Google's list of models, by the names that calls use", () => {
  const body = {
    models: [{ name: "models/gemini-2.5-pro" }, { name: "gemma-4" }, {}, 3],
    nextPageToken: "x",
  };
  expect(modelList.names(body)).toEqual(["gemini-2.5-pro", "gemma-4"]);
  for (const other of [undefined, null, [], {}, { data: [] }, { models: {} }])
    expect(modelList.names(other)).toBeUndefined();
});
