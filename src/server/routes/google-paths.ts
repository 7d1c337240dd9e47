/** The versions of Google's API: its SDKs choose `v1beta` unless told otherwise. */
export const GOOGLE_MODEL_LISTS = ["/v1beta/models", "/v1alpha/models"] as const;

/** A model's name may be a provider, a maker, a family and a name, and Google's SDKs escape no slash in it. */
const SEGMENTS = ["/:a", "/:a/:b", "/:a/:b/:c", "/:a/:b/:c/:d"];

/** One model, in a version's list. */
export function googleModelPaths(list: string): readonly string[] {
  return SEGMENTS.map((segments) => list + segments);
}

/** Where a model is asked for something: its name, a colon, and what. `v1` has no list here: OpenAI's stands there. */
export const GOOGLE_MODEL_PATHS: readonly string[] = [...GOOGLE_MODEL_LISTS, "/v1/models"].flatMap(
  googleModelPaths,
);
