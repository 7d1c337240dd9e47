import { type Path, pathKey } from "./problem.ts";

/** Where a value that isn't written in the configuration itself came from. */
export type Origin =
  | { readonly from: "environment"; readonly variables: readonly string[] }
  | { readonly from: "file"; readonly path: string };

/** Origins by path; ask by `originOf`. */
export type Origins = ReadonlyMap<string, Origin>;

/** Where the value at a path came from; undefined for one that is written in the configuration. */
export function originOf(origins: Origins, path: Path): Origin | undefined {
  return origins.get(pathKey(path));
}
