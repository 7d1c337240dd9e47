import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import { parseYaml } from "./parse-yaml.ts";

/** The place can't be written to: it is an alias, a list where a mapping belongs, or the text is no YAML. */
export class UnwritableError extends Error {}

/**
 * Appends an entry, written as flow YAML, to the list at a path of a YAML text. What is missing on the way is made;
 * everything else, comments and order and quotes, stays byte for byte. Throws `UnwritableError`.
 */
export function appendToList(text: string, path: readonly string[], entry: string): string {
  const { document, faults } = parseYaml(text);
  if (faults.length > 0) throw new UnwritableError("the text is not valid YAML");
  return new ListAppender(text, entry).append(document.contents, path, undefined, false);
}

class ListAppender {
  readonly #text: string;
  readonly #entry: string;
  readonly #newline: string;

  constructor(text: string, entry: string) {
    this.#text = text;
    this.#entry = entry;
    this.#newline = text.includes("\r\n") ? "\r\n" : "\n";
  }

  /** `pair` holds the node, where it is no document's own; `inFlow`: it stands within braces or brackets. */
  append(node: unknown, path: readonly string[], pair: Pair | undefined, inFlow: boolean): string {
    if (isNothing(node)) return this.#fill(node, path, pair, inFlow);
    const [name, ...rest] = path;
    if (name === undefined) {
      if (isSeq(node)) return this.#appendItem(node, inFlow);
      throw new UnwritableError("what is there is no list");
    }
    if (!isMap(node)) throw new UnwritableError(`what should hold \`${name}\` is no mapping`);
    const within = inFlow || node.flow === true;
    const found = node.items.find((item) => isScalar(item.key) && item.key.value === name);
    if (found !== undefined) return this.append(found.value, rest, found, within);
    return this.#appendMember(node, path, within);
  }

  /** The value is null, written or not. */
  #fill(node: unknown, path: readonly string[], pair: Pair | undefined, inFlow: boolean): string {
    if (pair === undefined) {
      const end = this.#text.trimEnd().length;
      const separation = end === 0 ? "" : this.#newline;
      return `${this.#text.slice(0, end)}${separation}${this.#block(path, 0)}${this.#newline}`;
    }
    const key = rangeOf(pair.key);
    const written = isScalar(node) && node.source !== "" ? node.range : undefined;
    const afterColon = this.#text.indexOf(":", key[1]) + 1;
    const [start, end] = written ?? [afterColon, afterColon];
    if (inFlow) return this.#splice(start, end, ` ${this.#flow(path)}`);
    const indent = this.#columnOf(key[0]) + 2;
    const emptied = this.#splice(start, end, "");
    const at = endOfLine(emptied, start);
    return `${emptied.slice(0, at)}${this.#newline}${this.#block(path, indent)}${emptied.slice(at)}`;
  }

  #appendItem(list: YAMLSeq, inFlow: boolean): string {
    if (inFlow || list.flow === true) return this.#beforeClosing(list, this.#entry, list.items.length > 0);
    const at = endOfLine(this.#text, this.#lastOf(list));
    const indent = " ".repeat(this.#columnOf(rangeOf(list)[0]));
    return this.#splice(at, at, `${this.#newline}${indent}- ${this.#entry}`);
  }

  #appendMember(map: YAMLMap, path: readonly string[], inFlow: boolean): string {
    if (inFlow) {
      const [name, ...rest] = path;
      return this.#beforeClosing(map, `${name}: ${this.#flow(rest)}`, map.items.length > 0);
    }
    const at = endOfLine(this.#text, this.#lastOf(map));
    const indent = this.#columnOf(rangeOf(map)[0]);
    return this.#splice(at, at, `${this.#newline}${this.#block(path, indent)}`);
  }

  #beforeClosing(collection: Node, added: string, hasItems: boolean): string {
    const close = rangeOf(collection)[1] - 1;
    const before = this.#text.slice(0, close).trimEnd();
    const comma = hasItems && !before.endsWith(",") ? "," : "";
    return `${before}${comma} ${added} ${this.#text.slice(close)}`;
  }

  /** Where the last value within a block collection ends. */
  #lastOf(node: unknown): number {
    if (isMap(node) && node.flow !== true) {
      const last = node.items.at(-1);
      return this.#lastOf(last === undefined || isNothing(last.value) ? last?.key : last.value);
    }
    if (isSeq(node) && node.flow !== true) return this.#lastOf(node.items.at(-1));
    const end = rangeOf(node)[1];
    // A text of several lines ends with the line break after it.
    return this.#text.slice(0, end).trimEnd().length;
  }

  #block(path: readonly string[], indent: number): string {
    const lines = path.map((name, depth) => `${" ".repeat(indent + 2 * depth)}${name}:`);
    return [...lines, `${" ".repeat(indent + 2 * path.length)}- ${this.#entry}`].join(this.#newline);
  }

  #flow([name, ...rest]: readonly string[]): string {
    return name === undefined ? `[${this.#entry}]` : `{ ${name}: ${this.#flow(rest)} }`;
  }

  #splice(start: number, end: number, inserted: string): string {
    return this.#text.slice(0, start) + inserted + this.#text.slice(end);
  }

  #columnOf(offset: number): number {
    return offset - (this.#text.lastIndexOf("\n", offset - 1) + 1);
  }
}

function isNothing(node: unknown): boolean {
  return node === undefined || node === null || (isScalar(node) && node.value === null);
}

function rangeOf(node: unknown): readonly [number, number] {
  const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
  if (!range) throw new UnwritableError("an alias stands in the way");
  return [range[0], range[1]];
}

/** The end of the line in which the offset is, its comment included. */
function endOfLine(text: string, offset: number): number {
  const found = text.indexOf("\n", offset);
  if (found === -1) return text.length;
  return text[found - 1] === "\r" ? found - 1 : found;
}
