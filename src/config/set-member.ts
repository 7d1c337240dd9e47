import { Document, isMap } from "yaml";
import { parseYaml } from "./parse-yaml.ts";

/** A text can't be changed so: it is no valid YAML, or what stands on the way is no mapping. */
export class UnchangeableText extends Error {}

/**
 * Sets what stands at a path of a YAML text, or takes it away where the value is undefined. What is missing on the way is
 * made. Comments stay; how the rest is written may become more uniform. Throws UnchangeableText.
 */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  const parsed = parseYaml(text);
  if (parsed.faults.length > 0) throw new UnchangeableText("the text is not valid YAML");
  const document = parsed.document.contents === null ? new Document({}) : parsed.document;
  refuseObstacles(document, path);
  if (value !== undefined) document.setIn(path, document.createNode(value));
  else if (document.hasIn(path)) document.deleteIn(path);
  return document.toString({ lineWidth: 0 });
}

/** Whether something stands at a path of a YAML text, be it nothing but a name. */
export function hasMember(text: string, path: readonly string[]): boolean {
  return parseYaml(text).document.hasIn(path);
}

/** A name with nothing behind it counts as an empty mapping; an alias would change what it stands for elsewhere. */
function refuseObstacles(
  document: Pick<Document, "getIn" | "setIn" | "createNode">,
  path: readonly string[],
): void {
  for (let length = 1; length < path.length; length++) {
    const way = path.slice(0, length);
    const node: unknown = document.getIn(way, true);
    if (node === undefined || isMap(node)) continue;
    const plain: unknown = document.getIn(way);
    if (plain !== null)
      throw new UnchangeableText(`what stands at ${way.join(".")} is no mapping of its own`);
    document.setIn(way, document.createNode({}));
  }
}
