import type { Cacheable } from "./content-part.ts";
import type { DialectId } from "./dialect-id.ts";
import type { JsonObject } from "./json.ts";

/** A function that the model may call; `parameters` is its JSON Schema. */
export interface FunctionTool extends Cacheable {
  readonly kind: "function";
  readonly name: string;
  readonly description?: string;
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
  /** Members with no canonical place: they reach an upstream of that same dialect. */
  readonly extension?: { readonly dialect: DialectId; readonly members: JsonObject };
}

/** A tool that takes any text; `format` may bind it by a grammar. */
export interface FreeFormTool {
  readonly kind: "free-form";
  readonly name: string;
  readonly description?: string;
  readonly format?: JsonObject;
}

/** A vendor's own tool (web search, code execution, ...), which only that dialect can name. */
export interface VendorTool {
  readonly kind: "vendor";
  readonly dialect: DialectId;
  readonly value: JsonObject;
}

/** Something that the model may call. */
export type Tool = FunctionTool | FreeFormTool | VendorTool;

/** Whether and which tool the model must call. */
export type ToolChoice =
  | { readonly kind: "auto" | "none" | "required" }
  | { readonly kind: "tool"; readonly name: string }
  /** Only those of the tools, called or not (`auto`), or one of them for sure (`required`). */
  | { readonly kind: "allowed"; readonly mode: "auto" | "required"; readonly names: readonly string[] };
